import { execFileSync } from 'node:child_process';

/** Compiles the service, so that what runs as a process is what is tested. */
export default function build(): void {
  execFileSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
