// node scripts/run.mjs TASK...: does a task of each service that has it. services.json has the tasks.
//
// `dev` and `start` serve: they run side by side until one of them ends or someone says so, and
// then all of them end. Everything else runs one after the other.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from 'node:util';

const root = join(import.meta.dirname, '..');
const services = JSON.parse(readFileSync(join(import.meta.dirname, 'services.json'), 'utf8'));
const windows = process.platform === 'win32';

/** Milliseconds that a service has to end by itself; those that we make need at most nine seconds. */
const patience = 10_000;

/** Milliseconds that what it has started may go on after it. */
const remains = 2_000;

const running = new Map(); // process -> the service's name
let ending = false;
let failed = false;

const width = Math.max(...services.map(({ name }) => name.length), 'both'.length);
const colours = [36, 33, 35, 32];
const coloured = process.stdout.isTTY && !process.env.NO_COLOR;

function print(name, line, stream = process.stdout) {
  const label = `${name.padEnd(width)} |`;
  const colour = colours[services.findIndex((service) => service.name === name)];
  stream.write(coloured && colour ? `\x1b[${colour}m${label}\x1b[0m ${line}\n` : `${label} ${line}\n`);
}

const say = (line) => print('both', line, process.stderr);

/** Hands on what a process writes, line by line, so that two of them never share one. */
function follow(name, from, to) {
  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) print(name, line, to);
  });
  from.on('end', () => rest !== '' && print(name, rest, to));
}

/** What a service finds in its environment: its own programs first, and no port of another one. */
function environment({ dir, path }, extra) {
  const { PORT: _port, HOST: _host, ...rest } = process.env;
  const key = Object.keys(rest).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const found = path.map((folder) => join(root, dir, folder));
  return {
    ...rest,
    [key]: [...found, rest[key]].join(delimiter),
    PYTHONUNBUFFERED: '1',
    ...extra,
  };
}

/** Runs a command in a service's folder and returns what went wrong, or nothing. */
function run(service, [program, ...args], extra = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: join(root, service.dir),
      env: environment(service, extra),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that whatever it starts ends with it.
      detached: !windows,
      shell: windows,
    });
    running.set(child, service.name);
    follow(service.name, child.stdout, process.stdout);
    follow(service.name, child.stderr, process.stderr);
    let fault;
    child.once('error', (error) => (fault = `cannot be started: ${error.message}`));
    // What it has left behind would keep its port, and its output open.
    child.once('exit', () => setTimeout(() => signalGroup(child, 'SIGKILL'), remains).unref());
    child.once('close', (code, signal) => {
      signalGroup(child, 'SIGKILL');
      running.delete(child);
      resolve(fault ?? (signal ? `ended by ${signal}` : code ? `ended with exit code ${code}` : undefined));
    });
  });
}

function signalGroup({ pid }, signal) {
  if (pid === undefined) return;
  try {
    if (windows) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
    else process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** Ends everything that runs, at first by asking. */
function end() {
  if (ending) return;
  ending = true;
  for (const child of running.keys()) signalGroup(child, 'SIGTERM');
  setTimeout(() => {
    for (const [child, name] of running) {
      say(`${name} does not end by itself`);
      signalGroup(child, 'SIGKILL');
    }
  }, patience).unref();
}

// A Ctrl-C comes twice: from the terminal and from what runs this script.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
for (const stream of [process.stdout, process.stderr]) stream.on('error', end);

// A package manager that is told to end may tell only the shell that it has put in between.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && end(), 500).unref();

/** Does a task of one service; tells whether all its steps went well. */
async function perform(service, task) {
  for (const { run: command, env } of service.tasks[task] ?? []) {
    const fault = ending ? 'was interrupted' : await run(service, command, env);
    if (fault === undefined) continue;
    if (!ending) say(`${task} of ${service.name} ${fault}`);
    return false;
  }
  return true;
}

/** Runs a task of each service. The one that others are derived from comes last in services.json. */
async function each(task) {
  for (const service of services.toReversed()) {
    if (ending) return;
    if (!(await perform(service, task))) failed = true;
  }
}

/** All that comes before the first `dev`. Harmless when it is done already. */
async function setup() {
  for (const service of services) {
    for (const command of service.install) {
      const fault = await run(service, command);
      if (fault === undefined) continue;
      say(`${command.join(' ')} of ${service.name} ${fault}`);
      return false;
    }
    const file = join(root, service.dir, '.env');
    if (!existsSync(file)) copyFileSync(`${file}.example`, file);
    for (const task of ['generate', 'build', 'train', 'migrate']) {
      if (!(await perform(service, task))) return false;
    }
  }
  return true;
}

/** Serves until the first of them ends. */
async function serve(task) {
  await Promise.all(
    services.map(async (service) => {
      void tellWhenReady(service);
      const fault = await run(service, service.tasks[task][0].run, service.tasks[task][0].env);
      if (ending) return;
      failed = true;
      const rest = services.filter(({ name }) => name !== service.name).map(({ name }) => name);
      say(`${service.name} ${fault ?? 'ended'}; stopping ${rest.join(' and ')}`);
      end();
    }),
  );
}

async function tellWhenReady({ name, dir, port }) {
  const file = join(root, dir, '.env');
  const settings = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const url = `http://localhost:${settings.PORT || port}`;
  while (!ending) {
    await sleep(300, undefined, { ref: false });
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    await answer?.body?.cancel();
    if (!ending && answer?.ok) return print(name, `ready at ${url}`);
  }
}

for (const task of process.argv.slice(2)) {
  if (task === 'setup') failed ||= !(await setup());
  else if (task === 'dev' || task === 'start') await serve(task);
  else await each(task);
  if (ending) break;
}
process.exitCode = failed ? 1 : 0;
