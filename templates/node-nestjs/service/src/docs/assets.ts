import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders that hold what the page at `/docs` loads. */
export const assets = [
  join(import.meta.dirname, 'public'),
  dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css'))),
];
