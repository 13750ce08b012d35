import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

interface Manifest {
  scripts: Record<string, string>;
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The arguments that the script `name` of package.json gives to node. */
export function scriptArguments(name: string): string[] {
  const [program, ...args] = manifest.scripts[name]?.split(' ') ?? [];
  if (program !== 'node') throw new Error(`The script ${name} does not run node`);
  return args;
}

/** Runs a script of package.json to its end and returns what it printed. */
export async function runScript(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--run', name], {
    env: { ...process.env, ...env },
  });
  return stdout;
}
