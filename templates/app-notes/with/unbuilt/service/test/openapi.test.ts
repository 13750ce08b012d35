import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { exampleUrl } from './database.ts';
import { startService } from './service.ts';

test('/openapi.json is valid and describes every route', async (t) => {
  const service = await startService({ DATABASE_URL: exampleUrl });
  t.after(() => service.close());

  const answer = await service.request('GET', '/openapi.json');
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/);
  const document = answer.json();
  assert.match(document.openapi, /^3\.1\./);
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));

  const statuses: Record<string, string[]> = {};
  for (const [path, operations] of Object.entries<any>(document.paths)) {
    for (const [method, operation] of Object.entries<any>(operations)) {
      statuses[`${method} ${path}`] = Object.keys(operation.responses);
      for (const [status, response] of Object.entries<any>(operation.responses)) {
        let types = Number(status) < 400 ? ['application/json'] : ['application/problem+json'];
        if (status === '204') types = [];
        if (path === '/docs') types = ['text/html'];
        assert.deepEqual(Object.keys(response.content ?? {}), types, `${method} ${path} ${status}`);
      }
    }
  }
  assert.deepEqual(statuses, {
    'get /healthz': ['200'],
    'get /readyz': ['200', '503'],
    'get /openapi.json': ['200'],
    'get /docs': ['200'],
    'post /api/notes': ['201', '400', '413', '415', '422', '503'],
    'get /api/notes': ['200', '422', '503'],
    'get /api/notes/{id}': ['200', '404', '422', '503'],
    'patch /api/notes/{id}': ['200', '400', '404', '413', '415', '422', '503'],
    'delete /api/notes/{id}': ['204', '404', '422', '503'],
  });

  const schemaOf = ({ schema }: any) =>
    schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)];
  const { post, get: list } = document.paths['/api/notes'];
  const created = schemaOf(post.responses['201'].content['application/json']);
  assert.deepEqual(Object.keys(created.properties), [
    'id',
    'title',
    'body',
    'createdAt',
    'updatedAt',
  ]);
  assert.deepEqual(created.required, Object.keys(created.properties));
  const body = schemaOf(post.requestBody.content['application/json']);
  assert.deepEqual(body.required, ['title']);
  assert.equal(body.additionalProperties, false);
  assert.equal(body.properties.title.maxLength, 200);
  assert.equal(body.properties.body.maxLength, 100_000);
  const parameters = list.parameters.map(({ name, required, schema }: any) => [
    name,
    required,
    schema.type,
    schema.minimum,
    schema.maximum,
    schema.default,
  ]);
  assert.deepEqual(parameters, [
    ['limit', false, 'integer', 1, 100, 20],
    ['after', false, 'integer', 0, Number.MAX_SAFE_INTEGER, 0],
  ]);
  const problem = schemaOf(post.responses['422'].content['application/problem+json']);
  assert.deepEqual(problem.required, ['type', 'title', 'status', 'detail']);
});
