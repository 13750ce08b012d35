import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSettings } from '../settings.ts';
import { createDataSource } from './data-source.ts';
import { script } from './script.ts';

const name = process.argv[2];
if (name === undefined || !/^[A-Z][A-Za-z0-9]*$/.test(name)) {
  console.error('Name the migration in CamelCase, as in AddAuthorToNotes.');
  process.exit(2);
}

/** The statements as the body of a method. */
const body = (queries: { query: string }[]) =>
  queries
    .map(({ query }) => query.replace(/[\\`$]/g, '\\$&'))
    .map((query) => `    await queryRunner.query(\n      \`${query}\`,\n    );`)
    .join('\n');

// In place of `typeorm migration:generate`, which imports types as values: Node.js cannot strip that.
const source = createDataSource(loadSettings(), 'migration');
await script(async () => {
  await source.initialize();
  try {
    if (await source.showMigrations()) {
      console.error('The database lacks migrations that are there already: migrate first.');
      process.exitCode = 1;
      return;
    }
    const { upQueries, downQueries } = await source.driver.createSchemaBuilder().log();
    if (upQueries.length === 0) {
      console.log('The database is as the entities describe it: there is nothing to do.');
      return;
    }
    const timestamp = Date.now();
    const file = join(import.meta.dirname, 'migrations', `${timestamp}-${name}.ts`);
    await writeFile(
      file,
      `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${name}${timestamp} implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
${body(upQueries)}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
${body(downQueries.toReversed())}
  }
}
`,
    );
    console.log(`Wrote ${file}: read it, format it, then migrate.`);
  } finally {
    await source.destroy();
  }
});
