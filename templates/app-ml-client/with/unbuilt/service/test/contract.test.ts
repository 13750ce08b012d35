import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import type * as z from 'zod';
import * as contract from '../src/ml/contract/zod.gen.ts';
import { example } from './ml.ts';
import { runScript } from './scripts.ts';

const schemas: Record<string, z.ZodType> = contract;
const examples = readdirSync(new URL('../../../contracts/examples', import.meta.url));

describe('the contract with the service that has the model', () => {
  test('is what the code in src/ml/contract was made from', async () => {
    await runScript('contract:check', {});
  });

  for (const file of examples) {
    test(`has ${file} as an example, and knows each of its fields`, () => {
      const name = file.replace('.json', '');
      assert.deepEqual(schemas[`z${name}`]?.parse(example(name)), example(name));
    });
  }
});
