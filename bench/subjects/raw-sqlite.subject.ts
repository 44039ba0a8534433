import {
  type SqliteConnection,
  detectEngine,
  openConnection,
  type Statement,
} from '../../src/datastore/drivers/sqlite/engine.js';

/** A row like those of users or tasks. */
export function sampleRow(group: number): Readonly<Record<string, unknown>> {
  return {
    group,
    name: 'Sample',
    uid: 1_000,
    email: 's@example.com',
    groups: [1, 2, 3],
    enabled: true,
  };
}

/** The engine without us: the same table, an index on the bare value, JSON parsed row by row. */
export class RawStore {
  readonly #connection: SqliteConnection;
  readonly #insert: Statement;
  readonly #query: Statement;

  constructor(file: string) {
    this.#connection = openConnection(file, detectEngine());
    this.#connection.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, doc BLOB NOT NULL);
      CREATE INDEX t_group ON t (json_extract(doc, '$.group'));`);
    this.#insert = this.#connection.prepare('INSERT INTO t (doc) VALUES (jsonb(?))');
    this.#query = this.#connection.prepare(
      `SELECT id, json(doc) AS doc FROM t WHERE json_extract(doc, '$.group') = ? ORDER BY id LIMIT ?`,
    );
  }

  /** Inserts that many rows in one commit, and returns how many. */
  insert(count: number): number {
    this.insertAll(Array.from({ length: count }, () => sampleRow(0)));
    return count;
  }

  insertAll(rows: readonly Readonly<Record<string, unknown>>[]): void {
    this.#connection.exec('BEGIN IMMEDIATE');
    for (const row of rows) this.#insert.run(JSON.stringify(row));
    this.#connection.exec('COMMIT');
  }

  query(group: number, limit: number): readonly unknown[] {
    return this.#query.all(group, limit).map(({ id, doc }) => {
      const fields = JSON.parse(String(doc)) as Record<string, unknown>;
      return { id, ...fields };
    });
  }

  close(): void {
    this.#connection.close();
  }
}
