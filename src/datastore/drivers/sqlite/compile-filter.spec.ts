import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Filter, parseFilter } from '../../../common/query/index.js';
import type { CollectionInfo } from '../../../sdk/datastore.js';
import { compileFilter } from './compile-filter.js';
import { type SqliteConnection, detectEngine, openConnection } from './engine.js';
import { createTable, indexStatements, keyResolver, tableOf } from './tables.js';

const collection: CollectionInfo = {
  name: 'users',
  key: 'uuid',
  unique: [['name']],
  indexes: [['address.city'], ['uid', 'realm']],
  timestamps: 'none',
  attributes: {},
  migrations: [],
};

/** What SQLite says it would do. */
function plan(connection: SqliteConnection, filter: Filter, orderBy: string): string {
  const { text, values } = compileFilter(parseFilter(filter), keyResolver(collection));
  const sql = `EXPLAIN QUERY PLAN SELECT id FROM ${tableOf(collection)} WHERE ${text} ORDER BY ${orderBy}`;
  return connection
    .prepare(sql)
    .all(...values)
    .map((row) => String(row['detail']))
    .join('; ');
}

describe('a filter in SQL', () => {
  let connection: SqliteConnection;
  beforeAll(() => {
    connection = openConnection(':memory:', detectEngine());
    connection.exec(createTable(collection));
    for (const statement of indexStatements(collection).values()) connection.exec(statement);
  });
  afterAll(() => connection.close());

  it.each<[string, Filter, string]>([
    ['an equality', [['name', '=', 'ann']], 'users/u/name'],
    ['a list', [['name', 'in', ['ann', 'bob']]], 'users/u/name'],
    ['a range', [['uid', '>=', 1000]], 'users/i/uid,realm'],
    ['a nested field', [['address.city', '=', 'Oslo']], 'users/i/address.city'],
    ['the beginning of a glob', [['address.city', 'match', 'Os*']], 'users/i/address.city'],
    ['null', [['address.city', '=', null]], 'users/i/address.city'],
    [
      'several fields',
      [
        ['uid', '=', 1],
        ['realm', '=', 'x'],
      ],
      'users/i/uid,realm',
    ],
    ['the id', [['id', '=', 'x']], 'autoindex'],
  ])('is answered by the index for %s', (_, filter, index) => {
    const steps = plan(connection, filter, 'id');
    expect(steps).toContain('SEARCH');
    expect(steps).toContain(index);
  });

  it('is sorted by the index, ties by id included', () => {
    const key = keyResolver(collection)(['address', 'city'])?.sql ?? '';
    expect(plan(connection, null, `${key}, id`)).not.toContain('TEMP B-TREE');
  });

  it.each<[string, Filter, boolean]>([
    [
      'comparisons',
      [
        ['uid', '>', 1],
        ['nor', [['name', '=', 'x']]],
      ],
      true,
    ],
    ['regular expressions', [['name', '~', 'x']], false],
    ['arrays', [['a', '=', [1]]], false],
    ['array indexes', [['a.0', '=', 1]], false],
    ['integers past 64 bits', [['a', '=', 2n ** 70n]], false],
  ])('knows whether it is exact: %s', (_, filter, isExact) => {
    expect(compileFilter(parseFilter(filter), keyResolver(collection)).isExact).toBe(isExact);
  });

  it('of a thousand conditions stays within what SQLite takes', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ['uid', '=', n] as const);
    expect(() => plan(connection, [['or', many]], 'id')).not.toThrow();
    const list = Array.from({ length: 50_000 }, (_, n) => `name${n}`);
    expect(() => plan(connection, [['name', 'in', list]], 'id')).not.toThrow();
  });
});
