import { parseFieldPath } from '../../../common/query/index.js';
import type { CollectionInfo } from '../../../sdk/datastore.js';
import type { FieldKey } from './compile-filter.js';
import { sortKey } from './sort-key.js';
import { identifier } from './sql-text.js';

/** `disp` in ASCII: tells a store of ours from any other SQLite file. */
export const APPLICATION_ID = 0x64697370;
export const FORMAT_VERSION = 1;

/** The tables that every store has: what its collections are, its counters, and whose turn it is. */
export const SYSTEM_TABLES = `
CREATE TABLE IF NOT EXISTS _collections (name TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _guard (id INTEGER PRIMARY KEY CHECK (id = 1), term INTEGER NOT NULL);
INSERT OR IGNORE INTO _guard (id, term) VALUES (1, 0);`;

/** The term that guarded writes have to bear. */
export const READ_TERM = 'SELECT term FROM _guard WHERE id = 1';

export function tableOf({ name }: Pick<CollectionInfo, 'name'>): string {
  return identifier(`c_${name}`);
}

/** A serial id is the row's own number; AUTOINCREMENT is what keeps SQLite from giving one out twice. */
export function createTable(collection: CollectionInfo): string {
  const id =
    collection.key === 'serial' ? 'INTEGER PRIMARY KEY AUTOINCREMENT' : 'NOT NULL PRIMARY KEY';
  return `CREATE TABLE IF NOT EXISTS ${tableOf(collection)} (id ${id}, doc BLOB NOT NULL)`;
}

/** The indexes a definition asks for: name → statement that creates it. */
export function indexStatements(collection: CollectionInfo): ReadonlyMap<string, string> {
  const statements = new Map<string, string>();
  for (const fields of collection.unique) {
    const name = indexName(collection, 'u', fields);
    const keys = fields.map(keyExpression).join(', ');
    statements.set(
      name,
      `CREATE UNIQUE INDEX ${identifier(name)} ON ${tableOf(collection)} (${keys})`,
    );
  }
  for (const fields of collection.indexes) {
    const name = indexName(collection, 'i', fields);
    // With the id last, rows of one value come out in the order that ties have
    const keys = [...fields.map(keyExpression), 'id'].join(', ');
    statements.set(name, `CREATE INDEX ${identifier(name)} ON ${tableOf(collection)} (${keys})`);
  }
  return statements;
}

/** The fields of the unique key that SQLite's message names; null when it is the id. */
export function uniqueFieldsOf(message: string): readonly string[] | null {
  const [, name] = /index '.*?\/u\/(.*)'/.exec(message) ?? [];
  return name === undefined ? null : name.split(',');
}

/** Finds a field's key for the filter compiler. */
export function keyResolver(
  collection: CollectionInfo,
): (path: readonly string[]) => FieldKey | null {
  const idKey: FieldKey = {
    sql: 'id',
    holds: collection.key === 'serial' ? 'integers' : 'anything',
  };
  return (path) => {
    if (path[0] === 'id') return path.length === 1 ? idKey : null;
    const sql = sortKey(path);
    return sql === null ? null : { sql, holds: 'anything' };
  };
}

function indexName({ name }: CollectionInfo, kind: 'u' | 'i', fields: readonly string[]): string {
  return `${name}/${kind}/${fields.join(',')}`;
}

function keyExpression(field: string): string {
  const key = sortKey(parseFieldPath(field));
  if (key === null) throw new TypeError(`Field ${field} cannot be indexed`);
  return `(${key})`;
}
