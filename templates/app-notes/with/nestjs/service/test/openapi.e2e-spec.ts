import request from 'supertest';
import { expect, onTestFinished, test } from 'vitest';
import { Validator } from '@seriousme/openapi-schema-validator';
import { exampleUrl } from './database.js';
import { startApp } from './app.js';

test('/openapi.json is valid and describes every route', async () => {
  const app = await startApp({ DATABASE_URL: exampleUrl });
  onTestFinished(() => app.close());

  const answer = await request(app.getHttpServer()).get('/openapi.json');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
  const document = answer.body;
  expect(document.openapi).toMatch(/^3\.1\./);
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(valid, JSON.stringify(errors)).toBe(true);

  const statuses: Record<string, string[]> = {};
  for (const [path, operations] of Object.entries<any>(document.paths)) {
    for (const [method, operation] of Object.entries<any>(operations)) {
      statuses[`${method} ${path}`] = Object.keys(operation.responses);
      for (const [status, response] of Object.entries<any>(operation.responses)) {
        let types = Number(status) < 400 ? ['application/json'] : ['application/problem+json'];
        if (status === '204') types = [];
        if (path === '/docs') types = ['text/html'];
        expect(Object.keys(response.content ?? {}), `${method} ${path} ${status}`).toEqual(types);
      }
    }
  }
  expect(statuses).toEqual({
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
  expect(Object.keys(created.properties)).toEqual([
    'id',
    'title',
    'body',
    'createdAt',
    'updatedAt',
  ]);
  expect(created.required).toEqual(Object.keys(created.properties));
  const body = schemaOf(post.requestBody.content['application/json']);
  expect(body.required).toEqual(['title']);
  expect(body.additionalProperties).toBe(false);
  expect(body.properties.title.maxLength).toBe(200);
  expect(body.properties.body.maxLength).toBe(100_000);
  const parameters = list.parameters.map(({ name, required, schema }: any) => [
    name,
    required,
    schema.type,
    schema.minimum,
    schema.maximum,
    schema.default,
  ]);
  expect(parameters).toEqual([
    ['limit', false, 'integer', 1, 100, 20],
    ['after', false, 'integer', 0, Number.MAX_SAFE_INTEGER, 0],
  ]);
  const problem = schemaOf(post.responses['422'].content['application/problem+json']);
  expect(problem.required).toEqual(['type', 'title', 'status', 'detail']);
});
