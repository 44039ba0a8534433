import { setField } from '../../../common/index.js';
import type { CollectionInfo, RowId } from '../../../sdk/datastore.js';
import type {
  GuardedRequest,
  TextOutcome,
  TextRow,
  TextRun,
  TextStep,
  WriteRequest,
} from './messages.js';
import type { SqliteConnection } from './engine.js';
import { exactCondition, ReadSession } from './read-session.js';
import type { StatementCache } from './statement-cache.js';
import { encodeFields } from './storage-format.js';
import { createTable, indexStatements, READ_TERM, tableOf } from './tables.js';
import { identifier } from './sql-text.js';

/** The text of no sticky fields. */
const NOTHING = '{}';

/** A row that an update or replace needs is not there. */
export class RowMissing extends Error {
  constructor(
    readonly collection: string,
    readonly id: RowId,
  ) {
    super(`Collection ${collection}: no row ${id}`);
  }
}

/** The term that a write bears is not the present one. */
export class TermOver extends Error {}

/**
 * Carries out requests that change the store, inside a transaction its caller opened. Knows nothing
 * of threads, grouping or flushing.
 */
export class WriteSession {
  readonly #reads: ReadSession;
  /** Read once for each transaction, in which nobody else can begin another. */
  #term: number | null = null;

  constructor(
    private readonly connection: SqliteConnection,
    private readonly statements: StatementCache,
  ) {
    this.#reads = new ReadSession(statements);
  }

  /** A transaction begins. */
  begin(): void {
    this.#term = null;
  }

  /** @throws TermOver, and then nothing was changed */
  execute(request: GuardedRequest): unknown {
    const { term } = request;
    if (term !== undefined && term !== this.#presentTerm()) throw new TermOver('the term is over');
    return this.#execute(request);
  }

  #execute(request: WriteRequest): unknown {
    switch (request.kind) {
      case 'write': {
        const outcomes = request.steps.map((step) => this.#step(step));
        return request.isUntold ? [] : outcomes;
      }
      case 'claim':
        return this.#claim(request);
      case 'remove-where':
        return this.#removeWhere(request);
      case 'increment':
        return this.#increment(request.counter, request.by);
      case 'raise-serial':
        return this.#raiseSerial(request);
      case 'save-collection':
        this.#saveCollection(request.collection);
        return null;
      case 'drop-collection':
        this.#dropCollection(request.name);
        return null;
      case 'raise-term':
        return this.#raiseTerm(request.from);
    }
  }

  #presentTerm(): number {
    this.#term ??= Number(this.statements.prepare(READ_TERM).get()?.['term']);
    return this.#term;
  }

  #raiseTerm(from: number): boolean {
    this.#term = null;
    const sql = 'UPDATE _guard SET term = term + 1 WHERE id = 1 AND term = ?';
    return this.statements.prepare(sql).run(from).changes > 0;
  }

  #step(step: TextStep): TextOutcome {
    switch (step.kind) {
      case 'insert':
        return this.#insert(step.collection, step.id, step.doc);
      case 'update': {
        const row = this.#existing(step.collection, step.id);
        return this.#put(step.collection, { id: step.id, doc: mergeTexts(row.doc, step.doc) });
      }
      case 'replace': {
        const row = this.#existing(step.collection, step.id);
        return this.#put(step.collection, { id: step.id, doc: keepSticky(row, step) });
      }
      case 'upsert': {
        if (step.sticky === NOTHING) return this.#overwrite(step.collection, step);
        const row = this.#reads.get(step.collection, step.id);
        const doc = keepSticky(row, step);
        if (row !== null) return this.#put(step.collection, { id: step.id, doc });
        this.#insert(step.collection, step.id, doc);
        return { id: step.id, doc };
      }
      case 'delete':
        return this.#delete(step.collection, step.id);
      case 'inserts':
      case 'upserts':
        this.#run(step);
        return true;
    }
  }

  #run({ kind, collection, ids, docs }: TextRun): void {
    const table = tableOf(collection);
    const write = this.statements.prepare(kind === 'inserts' ? insertInto(table) : putInto(table));
    docs.forEach((doc, i) => {
      const id = ids[i] ?? null;
      if (id === null) this.#insert(collection, id, doc);
      else write.run(id, doc);
    });
  }

  #insert(collection: CollectionInfo, id: RowId | null, doc: string): RowId {
    const table = tableOf(collection);
    if (id !== null) {
      this.statements.prepare(insertInto(table)).run(id, doc);
      return id;
    }
    return this.statements.prepare(`INSERT INTO ${table} (doc) VALUES (jsonb(?))`).run(doc)
      .lastInsertRowid;
  }

  /** Whatever was there before: one statement, and the old row is not read. */
  #overwrite(collection: CollectionInfo, { id, doc }: TextRow): TextRow {
    this.statements.prepare(putInto(tableOf(collection))).run(id, doc);
    return { id, doc };
  }

  #put(collection: CollectionInfo, row: TextRow): TextRow {
    this.statements
      .prepare(`UPDATE ${tableOf(collection)} SET doc = jsonb(?) WHERE id = ?`)
      .run(row.doc, row.id);
    return row;
  }

  #delete(collection: CollectionInfo, id: RowId): boolean {
    const sql = `DELETE FROM ${tableOf(collection)} WHERE id = ?`;
    return this.statements.prepare(sql).run(id).changes > 0;
  }

  #existing(collection: CollectionInfo, id: RowId): TextRow {
    const row = this.#reads.get(collection, id);
    if (row === null) throw new RowMissing(collection.name, id);
    return row;
  }

  #claim({ collection, filter, sort, patch }: WriteRequest & { kind: 'claim' }): TextRow | null {
    const first = { offset: 0, limit: 1, maxBytes: Number.POSITIVE_INFINITY } as const;
    const [row] = this.#reads.find({ kind: 'find', collection, filter, sort, ...first });
    if (row === undefined) return null;
    return this.#put(collection, { id: row.id, doc: mergeTexts(row.doc, patch) });
  }

  #removeWhere({ collection, filter }: WriteRequest & { kind: 'remove-where' }): number {
    const where = exactCondition(collection, filter);
    if (where !== null) {
      const sql = `DELETE FROM ${tableOf(collection)} WHERE ${where.text}`;
      return this.statements.prepare(sql).run(...where.values).changes;
    }
    let removed = 0;
    let after: RowId | null = null;
    do {
      const page = this.#reads.page(collection, filter, after);
      for (const { id } of page.rows) if (this.#delete(collection, id)) removed += 1;
      after = page.last;
    } while (after !== null);
    return removed;
  }

  #increment(counter: string, by: number): number {
    const row = this.statements
      .prepare(
        'INSERT INTO _counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value',
      )
      .all(counter, by)[0];
    return Number(row?.['value']);
  }

  #raiseSerial({ collection, atLeast }: WriteRequest & { kind: 'raise-serial' }): null {
    const name = `c_${collection.name}`;
    const { changes } = this.statements
      .prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
      .run(atLeast, name);
    if (changes === 0) {
      this.statements
        .prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)')
        .run(name, atLeast);
    }
    return null;
  }

  #saveCollection(collection: CollectionInfo): void {
    this.connection.exec(createTable(collection));
    const wanted = indexStatements(collection);
    const present = new Set(this.#indexNames(collection));
    for (const name of present) {
      if (!wanted.has(name)) this.connection.exec(`DROP INDEX ${identifier(name)}`);
    }
    for (const [name, statement] of wanted) {
      if (!present.has(name)) this.connection.exec(statement);
    }
    this.statements
      .prepare(
        'INSERT INTO _collections (name, definition) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET definition = excluded.definition',
      )
      .run(collection.name, encodeFields({ ...collection }));
  }

  #indexNames({ name }: CollectionInfo): string[] {
    return this.connection
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
      )
      .all(`c_${name}`)
      .map((row) => String(row['name']));
  }

  #dropCollection(name: string): void {
    this.connection.exec(`DROP TABLE IF EXISTS ${tableOf({ name })}`);
    this.statements.prepare('DELETE FROM _collections WHERE name = ?').run(name);
  }
}

function parse(doc: string): Record<string, unknown> {
  return JSON.parse(doc) as Record<string, unknown>;
}

/** The first text's fields with those of the second over them. */
function mergeTexts(doc: string, patch: string): string {
  const fields = parse(doc);
  for (const [key, value] of Object.entries(parse(patch))) setField(fields, key, value);
  return JSON.stringify(fields);
}

function keepSticky(row: TextRow | null, { doc, sticky }: { doc: string; sticky: string }): string {
  if (sticky === NOTHING) return doc;
  const old = row === null ? {} : parse(row.doc);
  const fields = Object.entries(parse(sticky)).map(([key, value]) => [key, old[key] ?? value]);
  return mergeTexts(JSON.stringify(Object.fromEntries(fields)), doc);
}

function insertInto(table: string): string {
  return `INSERT INTO ${table} (id, doc) VALUES (?, jsonb(?))`;
}

function putInto(table: string): string {
  return `${insertInto(table)} ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`;
}
