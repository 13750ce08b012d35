import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { scriptArguments } from './scripts.ts';

type Line = Record<string, unknown>;

/** Runs what `start` runs, as a process of its own, with no settings but `env`. */
export async function startProcess(env: NodeJS.ProcessEnv) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = runProcess({ PORT: String(port), ...env });
  while (service.child.exitCode === null) {
    try {
      await fetch(`${url}/healthz`);
      break;
    } catch {
      await sleep(20);
    }
  }
  return { ...service, url, port };
}

/** The same without waiting until it answers. */
export function runProcess(env: NodeJS.ProcessEnv) {
  // An empty value is set all the same, so that a .env file has no say.
  const none = { HOST: '', PORT: '', LOG_LEVEL: '', CORS_ORIGINS: '', DATABASE_URL: '' };
  const child = spawn(process.execPath, scriptArguments('start'), {
    env: { ...none, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'close');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));

  return {
    child,
    stderr: () => stderr,
    stdout: () => stdout,
    /** Every line of the log so far; throws when one is not JSON. */
    log: () =>
      stdout
        .trimEnd()
        .split('\n')
        .map((line): Line => JSON.parse(line)),
    /** The exit status, once the process has ended. */
    exit: async (): Promise<number | null> => {
      await exited;
      return child.exitCode;
    },
    /** Asks the process to end and returns its exit status: null when it had to be killed. */
    stop: async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
      child.kill(signal);
      const killing = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(killing);
      return child.exitCode;
    },
  };
}

/** A port that nobody has, below those that the system gives to connections by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
