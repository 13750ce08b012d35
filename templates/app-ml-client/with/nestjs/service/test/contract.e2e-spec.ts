import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import * as contract from '../src/ml/contract/zod.gen.js';
import { example } from './ml.js';
import { runScript } from './scripts.js';

const schemas: Record<string, z.ZodType> = contract;
const examples = readdirSync(new URL('../../../contracts/examples', import.meta.url));

describe('the contract with the service that has the model', () => {
  test('is what the code in src/ml/contract was made from', async () => {
    await expect(runScript('contract:check', {})).resolves.toBeDefined();
  });

  test.each(examples)('has %s as an example, and knows each of its fields', (file) => {
    const name = file.replace('.json', '');
    expect(schemas[`z${name}`]?.parse(example(name))).toEqual(example(name));
  });
});
