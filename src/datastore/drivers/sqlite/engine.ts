import { createRequire, isBuiltin } from 'node:module';

/** What a statement takes; never null, which one engine mistakes for named parameters. */
export type SqlValue = string | number | bigint;

type SqlRow = Readonly<Record<string, unknown>>;

export interface Statement {
  /** The first row; the statement is done all the same. */
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
  run(...values: SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number };
}

/** One connection to a SQLite file. Synchronous: it belongs in a thread of its own. */
export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

export type EngineName = 'node:sqlite' | 'libsql';

interface RawStatement {
  all(...values: SqlValue[]): unknown[];
  run(...values: SqlValue[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
}

interface RawDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): RawStatement;
  close(): unknown;
}

type DatabaseClass = new (file: string) => RawDatabase;
type Open = (file: string) => RawDatabase;

const require = createRequire(import.meta.url);

/** The runtime's own SQLite where it has one, else the one that comes as a package. */
export function detectEngine(): EngineName {
  return isBuiltin('node:sqlite') ? 'node:sqlite' : 'libsql'; // asked, not loaded: loading prints a warning
}

/** Opens the file, which is made when it is not there. Throws what the engine throws. */
export function openConnection(file: string, engine: EngineName): SqliteConnection {
  const database = opener(engine)(file);
  return {
    exec: (sql) => void database.exec(sql),
    prepare: (sql) => wrap(database.prepare(sql)),
    close: () => void database.close(),
  };
}

function opener(engine: EngineName): Open {
  if (engine === 'libsql') {
    const Database = require('libsql') as DatabaseClass;
    return (file) => new Database(file);
  }
  // getBuiltinModule, not import: an older Node.js fails on the name itself
  const { DatabaseSync } = quietly(() => process.getBuiltinModule('node:sqlite')) as unknown as {
    readonly DatabaseSync: DatabaseClass;
  };
  return (file) => new DatabaseSync(file);
}

/** Node.js 22 greets whoever loads it with a warning that it is experimental: once in the docs is enough. */
function quietly<T>(load: () => T): T {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * One engine cannot abandon a statement half way: what is not done holds a snapshot, and keeps a closed
 * connection's files open. Hence one row is the first of all.
 */
function wrap(statement: RawStatement): Statement {
  const all = (...values: SqlValue[]): SqlRow[] => statement.all(...values) as SqlRow[];
  return {
    get: (...values) => all(...values)[0],
    all,
    run: (...values) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
    },
  };
}
