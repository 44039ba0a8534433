import {
  compilePredicate,
  type Condition,
  EVERYTHING,
  type Filter,
  MAX_FILTER_DEPTH,
  OWN_THREAD,
  parseFilter,
  PatternEffort,
  type Predicate,
  type SortKey,
  sortRows,
} from '../../../common/query/index.js';
import type { CollectionInfo, RowId } from '../../../sdk/datastore.js';
import { toStoredRow } from './storage-format.js';
import { type CompiledFilter, compileFilter } from './compile-filter.js';
import type { SqlValue } from './engine.js';
import type { FindMessage, TextRow } from './messages.js';
import type { StatementCache } from './statement-cache.js';
import { keyResolver, tableOf } from './tables.js';
import { join, type Sql, text } from './sql-text.js';

const PAGE = 1_000;
const COLUMNS = 'id, json(doc) AS doc';

/** A filter made ready for one collection. */
interface Search {
  readonly collection: CollectionInfo;
  readonly where: CompiledFilter;
  /** Decides about rows that SQL lets through; null when SQL's word is exact. */
  readonly recheck: Predicate | null;
}

/**
 * Finds rows over one connection: by SQL as far as it is exact, the rest by the predicate. Knows
 * nothing of threads; reader and writer both search with it.
 */
export class ReadSession {
  constructor(private readonly statements: StatementCache) {}

  get(collection: CollectionInfo, id: RowId): TextRow | null {
    const row = this.#all(
      text(`SELECT ${COLUMNS} FROM ${tableOf(collection)} WHERE id = ?`, id),
    )[0];
    // A text that looks like a number is found in a column of numbers
    return row !== undefined && row.id === id ? row : null;
  }

  count(collection: CollectionInfo, filter: Filter): number {
    const search = prepareSearch(collection, filter);
    if (search.recheck === null) {
      const { where } = search;
      const sql = `SELECT count(*) AS n FROM ${tableOf(collection)} WHERE ${where.text}`;
      return Number(this.statements.prepare(sql).get(...where.values)?.['n']);
    }
    let count = 0;
    for (const rows of this.#pages(search)) count += rows.length;
    return count;
  }

  lastSerial({ name }: CollectionInfo): number {
    const sql = 'SELECT seq FROM sqlite_sequence WHERE name = ?';
    return Number(this.statements.prepare(sql).all(`c_${name}`)[0]?.['seq'] ?? 0);
  }

  /** The rows of a query, in order. */
  find({ collection, filter, sort, offset, limit }: FindMessage): TextRow[] {
    const search = prepareSearch(collection, filter);
    const order = orderBy(collection, sort);
    if (order === null) return this.#sortHere(search, sort).slice(offset, offset + limit);
    if (search.recheck === null) return this.#select(search, { order, offset, limit });
    const batches = sort.length === 0 ? this.#pages(search) : this.#sorted(search, order);
    return take(batches, offset, limit);
  }

  /** Up to a page of rows with ids after `after`, in the order of ids, and where to go on. */
  page(
    collection: CollectionInfo,
    filter: Filter,
    after: RowId | null,
  ): { rows: TextRow[]; last: RowId | null } {
    const search = prepareSearch(collection, filter);
    const candidates = this.#candidatesAfter(search, after);
    const last = candidates.length < PAGE ? null : (candidates.at(-1)?.id ?? null);
    return { rows: passing(search, candidates), last };
  }

  /** The ids of all candidates in the order of a sort, for a stream that fetches their rows later. */
  sortedIds(collection: CollectionInfo, filter: Filter, sort: readonly SortKey[]): RowId[] {
    const search = prepareSearch(collection, filter);
    const order = orderBy(collection, sort);
    if (order === null) return this.#sortHere(search, sort).map(({ id }) => id);
    return this.#orderedIds(search, order);
  }

  /** Those of the rows that are still there and still pass, in the order of the ids. */
  rows(collection: CollectionInfo, filter: Filter, ids: readonly RowId[]): TextRow[] {
    const predicate = predicateOf(parseFilter(filter, MAX_FILTER_DEPTH));
    return this.#fetch(collection, ids).filter(({ id, doc }) => predicate(toStoredRow(id, doc)));
  }

  #select(search: Search, { order, offset, limit }: Window): TextRow[] {
    const bounds: SqlValue[] = [Number.isFinite(limit) ? limit : -1, offset];
    const { where, collection } = search;
    return this.#all(
      text(
        `SELECT ${COLUMNS} FROM ${tableOf(collection)} WHERE ${where.text} ORDER BY ${order} LIMIT ? OFFSET ?`,
        ...where.values,
        ...bounds,
      ),
    );
  }

  /** Rows that pass, a page at a time, in the order of ids. */
  *#pages(search: Search): Generator<TextRow[]> {
    let after: RowId | null = null;
    for (;;) {
      const candidates = this.#candidatesAfter(search, after);
      yield passing(search, candidates);
      if (candidates.length < PAGE) return;
      after = candidates.at(-1)?.id ?? null;
    }
  }

  *#sorted(search: Search, order: string): Generator<TextRow[]> {
    const ids = this.#orderedIds(search, order);
    for (let start = 0; start < ids.length; start += PAGE) {
      yield passing(search, this.#fetch(search.collection, ids.slice(start, start + PAGE)));
    }
  }

  /** For a sort that SQL cannot say. */
  #sortHere(search: Search, sort: readonly SortKey[]): TextRow[] {
    const found = new Map<unknown, TextRow>();
    for (const rows of this.#pages(search)) {
      for (const row of rows) found.set(toStoredRow(row.id, row.doc), row);
    }
    return sortRows([...found.keys()], sort).flatMap((row) => found.get(row) ?? []);
  }

  #candidatesAfter({ collection, where }: Search, after: RowId | null): TextRow[] {
    const parts: Sql[] = [where, ...(after === null ? [] : [text('id > ?', after)])];
    const condition = join(parts, ' AND ');
    return this.#all({
      text: `SELECT ${COLUMNS} FROM ${tableOf(collection)} WHERE ${condition.text} ORDER BY id LIMIT ${PAGE}`,
      values: condition.values,
    });
  }

  #orderedIds({ collection, where }: Search, order: string): RowId[] {
    const sql = `SELECT id FROM ${tableOf(collection)} WHERE ${where.text} ORDER BY ${order}`;
    return this.statements
      .prepare(sql)
      .all(...where.values)
      .map((row) => row['id'] as RowId);
  }

  #fetch(collection: CollectionInfo, ids: readonly RowId[]): TextRow[] {
    const sql = `SELECT t.id AS id, json(t.doc) AS doc FROM json_each(?) AS wanted JOIN ${tableOf(collection)} AS t ON t.id = wanted.value ORDER BY wanted.key`;
    return this.#all(text(sql, JSON.stringify(ids)));
  }

  #all({ text: sql, values }: Sql): TextRow[] {
    return this.statements.prepare(sql).all(...values) as unknown as TextRow[];
  }
}

interface Window {
  readonly order: string;
  readonly offset: number;
  readonly limit: number;
}

/** A filter as a condition of SQL; null when SQL alone cannot say which rows pass. */
export function exactCondition(collection: CollectionInfo, filter: Filter): Sql | null {
  const { where, recheck } = prepareSearch(collection, filter);
  return recheck === null ? where : null;
}

function prepareSearch(collection: CollectionInfo, filter: Filter): Search {
  const condition = filter === null ? EVERYTHING : parseFilter(filter, MAX_FILTER_DEPTH);
  const where = compileFilter(condition, keyResolver(collection));
  // AND of a single part needs its parentheses once more is added behind it
  return {
    collection,
    where: { ...where, text: `(${where.text})` },
    recheck: where.isExact ? null : predicateOf(condition),
  };
}

/** What a predicate decides is decided in a thread of its own, for the quick reads never ask one. */
function predicateOf(condition: Condition): Predicate {
  return compilePredicate(condition, new PatternEffort(OWN_THREAD));
}

function passing({ recheck }: Search, rows: TextRow[]): TextRow[] {
  return recheck === null ? rows : rows.filter(({ id, doc }) => recheck(toStoredRow(id, doc)));
}

/** The ORDER BY of a sort, ties by id; null when a field is out of SQL's reach. */
function orderBy(collection: CollectionInfo, sort: readonly SortKey[]): string | null {
  const keyOf = keyResolver(collection);
  const terms: string[] = [];
  for (const { path, order } of sort) {
    const key = keyOf(path);
    if (key === null) return null;
    terms.push(order === 'ascending' ? key.sql : `${key.sql} DESC`);
  }
  return [...terms, 'id'].join(', ');
}

function take(batches: Iterable<TextRow[]>, offset: number, limit: number): TextRow[] {
  const rows: TextRow[] = [];
  let toSkip = offset;
  for (const batch of batches) {
    const skipped = Math.min(toSkip, batch.length);
    toSkip -= skipped;
    rows.push(...batch.slice(skipped, skipped + limit - rows.length));
    if (rows.length >= limit) break;
  }
  return rows;
}
