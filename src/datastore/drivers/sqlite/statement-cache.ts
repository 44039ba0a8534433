import type { SqliteConnection, Statement } from './engine.js';

const CAPACITY = 256;

/** Prepared statements by their text; the one unused for longest makes room. */
export class StatementCache {
  readonly #statements = new Map<string, Statement>();

  constructor(private readonly connection: SqliteConnection) {}

  prepare(sql: string): Statement {
    const cached = this.#statements.get(sql);
    if (cached !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, cached);
      return cached;
    }
    const statement = this.connection.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > CAPACITY) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return statement;
  }
}
