import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseFilter, parseParams } from '../../../common/query/index.js';
import type { CollectionInfo } from '../../../sdk/datastore.js';
import { type SqliteConnection, detectEngine, openConnection } from './engine.js';
import { ReadSession } from './read-session.js';
import { RowsTooLarge } from './row-budget.js';
import { StatementCache } from './statement-cache.js';
import { createTable } from './tables.js';

const COLLECTION: CollectionInfo = {
  name: 'rows',
  key: 'serial',
  unique: [],
  indexes: [],
  timestamps: 'none',
  attributes: {},
  migrations: [],
};
const filter = parseFilter(null, 32);
const { sort } = parseParams({ sort: '-list.0' }); // an item of a list: SQL cannot say that order

let connection: SqliteConnection;
let session: ReadSession;
beforeEach(() => {
  connection = openConnection(':memory:', detectEngine());
  connection.exec(createTable(COLLECTION));
  const insert = connection.prepare('INSERT INTO c_rows (doc) VALUES (jsonb(?))');
  for (const letter of ['a', 'c', 'b'])
    insert.run(JSON.stringify({ list: [letter.repeat(1_000)] }));
  session = new ReadSession(new StatementCache(connection));
});
afterEach(() => connection.close());

it('counts what rows are sorted by as held, in a query as in a stream', () => {
  const search = { collection: COLLECTION, filter, sort } as const;
  const first = { kind: 'find', offset: 0, limit: 1 } as const;
  expect(session.sortedIds({ ...search, maxBytes: 4_000 })).toEqual([2, 3, 1]);
  expect(session.find({ ...search, ...first, maxBytes: 4_000 })).toMatchObject([{ id: 2 }]);
  expect(() => session.sortedIds({ ...search, maxBytes: 2_500 })).toThrow(RowsTooLarge);
  expect(() => session.find({ ...search, ...first, maxBytes: 2_500 })).toThrow(RowsTooLarge);
});
