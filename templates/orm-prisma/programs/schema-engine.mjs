#!/usr/bin/env node
// Prisma's schema engine in its build for WebAssembly: it is asked by Prisma's command line as the
// native engine is, and reaches the database through the project's own driver adapter.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    datamodels: { type: 'string', multiple: true, default: [] },
    datasource: { type: 'string', default: '{}' },
    version: { type: 'boolean', short: 'V' },
  },
  allowPositionals: true,
  strict: false,
});
if (values.version) {
  console.log('schema-engine-cli wasm');
  process.exit();
}

const { url = '' } = JSON.parse(values.datasource);
const file = url.startsWith('file:') ? resolve(url.slice('file:'.length)) : undefined;
const project = createRequire(join(process.cwd(), 'package.json'));
const adapter = file === undefined ? '@prisma/adapter-pg' : '@prisma/adapter-better-sqlite3';
const required = createRequire(project.resolve(adapter));

function createFactory() {
  if (file !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    const factory = new (project(adapter).PrismaBetterSqlite3)({ url: file });
    const connect = factory.connect.bind(factory);
    factory.connect = async () => {
      const connection = await connect();
      const execute = connection.executeRaw.bind(connection);
      // This build does not see the variable by which the lock is left out.
      connection.executeRaw = async (query) =>
        process.env.PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK && query.sql.includes('locking_mode')
          ? 0
          : execute(query);
      return connection;
    };
    return factory;
  }
  const { PrismaPg } = project(adapter);
  const config = createRequire(required.resolve('pg'))('pg-connection-string').parse(url);
  // The adapter's own way takes a script apart at every semicolon, also within a function.
  const connect = async (config) => {
    const connection = await new PrismaPg(config).connect();
    connection.executeScript = async (script) => {
      await connection.client.query(script).catch((error) => connection.onError(error));
    };
    return connection;
  };
  const factory = new PrismaPg(config);
  factory.connect = () => connect(config);
  // The adapter's own way drops the shadow database while it is still connected to it.
  factory.connectToShadowDb = async () => {
    const database = `shadow_${randomUUID()}`;
    const server = await factory.connect();
    await server.executeScript(`CREATE DATABASE "${database}"`);
    const shadow = await connect({ ...config, database });
    const disconnect = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await disconnect();
      await server.executeScript(`DROP DATABASE "${database}"`);
      await server.dispose();
    };
    return shadow;
  };
  return factory;
}

if (positionals[0] === 'cli') {
  // can-connect-to-database, or create-database, which the drivers do not do for a server.
  try {
    const connection = await createFactory().connect();
    await connection.executeScript('SELECT 1');
    await connection.dispose();
    process.exit();
  } catch (error) {
    const cause = error.cause ?? error;
    const code = { DatabaseDoesNotExist: 'P1003', AuthenticationFailed: 'P1000' }[cause.kind];
    const message = cause.originalMessage ?? cause.message ?? String(cause.kind);
    fail(code ?? 'P1001', `Can't reach the database: ${message}`);
  }
}

function fail(code, message) {
  const fields = { error_code: code, message };
  // The first line is not read.
  console.error(`\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}`);
  process.exit(1);
}

const { bindMigrationAwareSqlAdapterFactory } = required('@prisma/driver-adapter-utils');
if (file === undefined) {
  // The adapter does not know the type "char" of the catalogs: to it, it is text.
  const { Result } = required('pg');
  const { addFields } = Result.prototype;
  Result.prototype.addFields = function (fields) {
    for (const field of fields) if (field.dataTypeID === 18) field.dataTypeID = 25;
    return addFields.call(this, fields);
  };
}
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
const binary = join(
  dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')),
  'schema_engine_bg.wasm',
);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(binary)), {
  './schema_engine_bg.js': bindings,
});
bindings.__wbg_set_wasm(exports);
exports.__wbindgen_start();

// Prisma ends the process in this way.
process.on('SIGTERM', () => process.exit());

let factory;
let engine;

async function ask(method, params) {
  // The native engine is told of the models when it starts; a comparison brings its own.
  const paths = values.datamodels.map((path) => [path, readFileSync(path, 'utf8')]);
  const sides = [params?.from, params?.to].flatMap((side) => side?.files ?? []);
  const datamodels = paths.concat(sides.map(({ path, content }) => [path, content]));
  factory ??= bindMigrationAwareSqlAdapterFactory(createFactory());
  engine ??= await bindings.SchemaEngine.new(
    { datamodels: datamodels.length > 0 ? datamodels : undefined },
    () => {},
    factory,
  );
  try {
    return await engine[method === 'getDatabaseVersion' ? 'version' : method](params);
  } catch (error) {
    // An error of the adapter comes as a number.
    const number = /^External error id#(\d+)$/.exec(error.message)?.[1];
    throw (number && factory.errorRegistry.consumeError(Number(number))?.error) || error;
  }
}

async function answer(method, params) {
  try {
    return await ask(method, params);
  } catch (error) {
    if (!error.message.includes('_prisma_migrations') || !params?.migrationsList) throw error;
    // The table of what has been applied is not there yet.
    const migrationsList = { ...params.migrationsList, migrationDirectories: [] };
    await ask('applyMigrations', { migrationsList, filters: params.filters });
    return ask(method, params);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === undefined) continue; // the answer to what was printed
  try {
    const result = (await answer(method, params)) ?? {};
    if (method === 'diff' && result.stdout) {
      send({ id: `print-${id}`, method: 'print', params: { content: result.stdout } });
    }
    send({ id, result });
  } catch ({ message, code }) {
    const data = { is_panic: false, message, error_code: code };
    send({ id, error: { code: 4466, message, data } });
  }
}
process.exit();

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}
