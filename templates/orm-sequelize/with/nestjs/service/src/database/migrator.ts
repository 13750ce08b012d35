import type { QueryInterface, Sequelize, Transaction } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';

/** What a file in `migrations` exports. Each call of `schema` has to name the transaction. */
export interface Migration {
  up(schema: QueryInterface, transaction: Transaction): Promise<void>;
  down(schema: QueryInterface, transaction: Transaction): Promise<void>;
}

/** The migrations, in the order of their names. Each is one transaction: all of it or nothing. */
export function createMigrator(sequelize: Sequelize): Umzug {
  return new Umzug({
    migrations: {
      glob: ['migrations/*.js', { cwd: import.meta.dirname }],
      resolve: ({ name, path = '' }) => {
        const run = async (direction: keyof Migration) => {
          const migration: Migration = await import(path);
          await sequelize.transaction((transaction) =>
            migration[direction](sequelize.getQueryInterface(), transaction),
          );
        };
        return { name, up: () => run('up'), down: () => run('down') };
      },
    },
    storage: new SequelizeStorage({ sequelize }),
    logger: undefined,
  });
}
