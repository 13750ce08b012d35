// node scripts/contract.mjs [--check]: writes src/ml/contract/ from contracts/ml.openapi.json.
// With --check it writes nothing, and fails where that would change something.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';

const service = join(import.meta.dirname, '..');
const contract = join(service, '../../contracts/ml.openapi.json');
const written = join(service, 'src/ml/contract');

/** What the contract closes is strict, so that a field that it has not is refused. */
const closed = (context) =>
  context.schema.additionalProperties?.type === 'never'
    ? context.$(context.plugin.imports.z).attr('strictObject').call(context.nodes.shape(context))
    : undefined;

/** Types and schemas alone: the client is our own. */
const generate = (path) =>
  createClient({
    input: contract,
    output: { path, entryFile: false },
    plugins: ['@hey-api/typescript', { name: 'zod', $resolvers: { object: closed } }],
    logs: { level: 'silent', file: false },
  });

/** The files of a folder by name. */
async function read(folder) {
  const names = (await readdir(folder)).toSorted();
  const files = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]);
  return JSON.stringify(await Promise.all(files));
}

if (process.argv.includes('--check')) {
  const fresh = await mkdtemp(join(service, '.contract-'));
  try {
    await generate(fresh);
    if ((await read(fresh)) !== (await read(written))) {
      console.error('src/ml/contract/ is not what contracts/ml.openapi.json says: write it anew');
      process.exitCode = 1;
    }
  } finally {
    await rm(fresh, { recursive: true });
  }
} else {
  await generate(written);
}
