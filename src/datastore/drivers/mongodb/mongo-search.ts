import type { mongo } from 'mongoose';
import { Errno } from '../../../common/index.js';
import {
  compilePredicate,
  type GroupCondition,
  type Predicate,
  type SortKey,
  sortRows,
} from '../../../common/query/index.js';
import { type CollectionInfo, DatastoreException, type StoredRow } from '../../../sdk/datastore.js';
import { boundBatches, cutBatches } from '../../batches.js';
import { keyFieldsOf } from '../../definition.js';
import type { FindRequest } from '../../driver.js';
import { type BsonRow, decodeRow, encodePath } from './bson-format.js';
import { compileFilter } from './compile-filter.js';
import type { Context } from './mongo-session.js';

const BATCH = 500;
const MAX_SORTED_HERE = 100_000;

/** A filter made ready for one collection. */
export interface Search {
  readonly query: mongo.Filter<BsonRow>;
  /** Decides about rows that MongoDB lets through; null when its word is exact. */
  readonly recheck: Predicate | null;
}

export function prepareSearch(collection: CollectionInfo, filter: GroupCondition): Search {
  const { query, isExact } = compileFilter(filter, scalarFields(collection));
  return {
    query,
    recheck: isExact ? null : compilePredicate(filter),
  };
}

/** MongoDB's sort for ours; null where the two differ: arrays and bytes, which only indexed fields exclude. */
export function prepareSort(
  collection: CollectionInfo,
  keys: readonly SortKey[],
): Map<string, 1 | -1> | null {
  const scalars = scalarFields(collection);
  if (!keys.every(({ path }) => scalars.has(path.join('.')))) return null;
  const sort = new Map<string, 1 | -1>();
  for (const { path, order } of keys) {
    const name = encodePath(path);
    // Of two mentions the first decides, as it does in a list of keys
    if (!sort.has(name)) sort.set(name, order === 'ascending' ? 1 : -1);
  }
  if (!sort.has('_id')) sort.set('_id', 1);
  return sort;
}

/** Rows that pass, in order, in batches. */
export async function* searchRows(
  rows: mongo.Collection<BsonRow>,
  request: FindRequest,
  context: Context = {},
): AsyncGenerator<readonly StoredRow[]> {
  const search = prepareSearch(request.collection, request.filter);
  const sort = prepareSort(request.collection, request.sort);
  const { offset, limit } = request;
  if (limit <= 0) return;
  if (sort === null) {
    const sorted = await sortHere(rows, search, request, context);
    yield sorted.slice(offset, offset + limit);
    return;
  }
  const cursor = rows.find(search.query, { ...context, batchSize: BATCH }).sort(sort);
  if (search.recheck === null) {
    cursor.skip(offset);
    if (Number.isSafeInteger(limit)) cursor.limit(limit);
    yield* batchesOf(cursor, search);
    return;
  }
  yield* cutBatches(batchesOf(cursor, search), request);
}

/** Every row that passes, in batches, in the order of the cursor. */
export async function* batchesOf(
  cursor: mongo.FindCursor<mongo.WithId<BsonRow>>,
  { recheck }: Search,
): AsyncGenerator<StoredRow[]> {
  try {
    while (await cursor.hasNext()) {
      const rows = cursor.readBufferedDocuments(BATCH).map((row) => decodeRow(row as BsonRow));
      yield recheck === null ? rows : rows.filter(recheck);
    }
  } finally {
    await cursor.close();
  }
}

async function sortHere(
  rows: mongo.Collection<BsonRow>,
  search: Search,
  { collection, sort, maxBytes }: FindRequest,
  context: Context,
): Promise<StoredRow[]> {
  const found: StoredRow[] = [];
  const cursor = rows.find(search.query, { ...context, batchSize: BATCH }).sort({ _id: 1 });
  for await (const batch of boundBatches(batchesOf(cursor, search), maxBytes)) {
    found.push(...batch);
    if (found.length > MAX_SORTED_HERE) throw tooManyToSort(collection, sort);
  }
  return sortRows(found, sort) as StoredRow[];
}

function tooManyToSort({ name }: CollectionInfo, sort: readonly SortKey[]): DatastoreException {
  const fields = sort.map(({ path }) => path.join('.')).join(', ');
  return new DatastoreException(
    Errno.EOVERFLOW,
    `Collection ${name}: more than ${MAX_SORTED_HERE} rows to sort by ${fields}: declare an index on it`,
  );
}

function scalarFields(collection: CollectionInfo): ReadonlySet<string> {
  return new Set(['id', ...keyFieldsOf(collection)]);
}
