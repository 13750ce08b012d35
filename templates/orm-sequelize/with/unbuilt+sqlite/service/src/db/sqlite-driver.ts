import Sqlite from 'better-sqlite3';

type Values = unknown[] | Record<string, unknown>;
type Callback = (this: Statement, error: unknown, rows?: unknown[]) => void;

/** What a statement did. Sequelize knows it by the name of this class. */
class Statement {
  readonly lastID: number;
  readonly changes: number;

  constructor({ lastInsertRowid, changes }: Sqlite.RunResult) {
    this.lastID = Number(lastInsertRowid);
    this.changes = changes;
  }
}

const nothing = { lastInsertRowid: 0, changes: 0 };

/**
 * The part of the package sqlite3 that Sequelize calls, on better-sqlite3: that one brings its
 * native code along, while sqlite3 has to fetch or compile it. `timeout` is how many milliseconds
 * a statement waits for a lock.
 */
export function createDriver(timeout: number) {
  /** A connection that the first use opens, and every further one until that has worked. */
  class Database {
    readonly filename: string;
    #connection: Sqlite.Database | undefined;

    constructor(filename: string, _mode: number, opened: (error: null) => void) {
      this.filename = filename;
      process.nextTick(opened, null);
    }

    serialize(work: () => void): void {
      work();
    }

    /** Runs a statement whose rows do not matter. */
    run(sql: string, values: Values = [], done?: Callback): void {
      this.#execute(sql, values, done);
    }

    /** Runs a statement for its rows. */
    all(sql: string, values: Values | Callback, done?: Callback): void {
      if (typeof values === 'function') this.#execute(sql, [], values);
      else this.#execute(sql, values, done);
    }

    close(done?: (error: null) => void): void {
      this.#connection?.close();
      if (done) process.nextTick(done, null);
    }

    #execute(sql: string, values: Values, done?: Callback): void {
      let error: unknown = null;
      let rows: unknown[] = [];
      let result: Sqlite.RunResult = nothing;
      try {
        const statement = this.#open().prepare(sql);
        const bound = Array.isArray(values) ? values : [toBound(values)];
        if (statement.reader) rows = statement.all(...bound);
        else result = statement.run(...bound);
      } catch (thrown) {
        error = thrown;
      }
      process.nextTick(() => done?.call(new Statement(result), error, rows));
    }

    #open(): Sqlite.Database {
      if (this.#connection === undefined) {
        const connection = new Sqlite(this.filename, { timeout });
        connection.pragma('journal_mode = WAL');
        connection.pragma('foreign_keys = ON');
        // Safe with a WAL; what is lost is at most the last moment before a power cut.
        connection.pragma('synchronous = NORMAL');
        this.#connection = connection;
      }
      return this.#connection;
    }
  }

  return { Database, OPEN_READONLY: 1, OPEN_READWRITE: 2, OPEN_CREATE: 4 };
}

/** As better-sqlite3 takes them: to it the name of `$1` is `1`, and a boolean is a number. */
function toBound(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.slice(1),
      typeof value === 'boolean' ? Number(value) : value,
    ]),
  );
}
