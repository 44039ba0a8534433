import { leastLength } from '../../../common/index.js';
import {
  compareSortValues,
  compilePredicate,
  type Condition,
  type GroupCondition,
  OWN_THREAD,
  PatternEffort,
  type Predicate,
  type SortKey,
  sortValues,
} from '../../../common/query/index.js';
import type { CollectionInfo, RowId } from '../../../sdk/datastore.js';
import { toStoredRow } from './storage-format.js';
import { type CompiledFilter, compileFilter } from './compile-filter.js';
import type { SqlValue } from './engine.js';
import type { FindMessage, IdsMessage, TextRow } from './messages.js';
import type { StatementCache } from './statement-cache.js';
import { keyResolver, tableOf } from './tables.js';
import { RowBudget } from './row-budget.js';
import { join, type Sql, text } from './sql-text.js';

const PAGE = 1_000;
/** Of the rows of a page; one row may have more. */
const PAGE_BYTES = 4 * 1_024 * 1_024;
/** Of a row that comes with others; a larger one is read by itself, when it is known that there is room. */
const SMALL_BYTES = 4 * 1_024;

/** A row as a search meets it. */
interface Candidate {
  readonly id: RowId;
  /** Null for a large one. */
  readonly doc: string | null;
  readonly size: number;
}

const CANDIDATE = candidateColumns('id', 'doc');

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
    const sql = `SELECT id, json(doc) AS doc FROM ${tableOf(collection)} WHERE id = ?`;
    const [row] = this.statements.prepare(sql).all(id) as unknown as TextRow[];
    // A text that looks like a number is found in a column of numbers
    return row !== undefined && row.id === id ? row : null;
  }

  count(collection: CollectionInfo, filter: GroupCondition): number {
    const search = prepareSearch(collection, filter);
    if (search.recheck === null) {
      const { where } = search;
      const sql = `SELECT count(*) AS n FROM ${tableOf(collection)} WHERE ${where.text}`;
      return Number(this.statements.prepare(sql).get(...where.values)?.['n']);
    }
    let count = 0;
    for (const { rows } of this.#pages(search)) count += rows.length;
    return count;
  }

  lastSerial({ name }: CollectionInfo): number {
    const sql = 'SELECT seq FROM sqlite_sequence WHERE name = ?';
    return Number(this.statements.prepare(sql).all(`c_${name}`)[0]?.['seq'] ?? 0);
  }

  /** The rows of a query, in order. */
  find({ collection, filter, sort, offset, limit, maxBytes }: FindMessage): TextRow[] {
    const search = prepareSearch(collection, filter);
    const order = orderBy(collection, sort);
    const window = { offset, limit, budget: new RowBudget(maxBytes) };
    if (order !== null && search.recheck !== null) {
      return take(sort.length === 0 ? this.#passing(search) : this.#sorted(search, order), window);
    }
    const candidates =
      order === null
        ? this.#selectSortedHere(search, { sort, maxBytes }, window)
        : this.#select(search, order, window);
    return [...this.#whole(collection, candidates, window.budget)];
  }

  /** Up to a page of rows with ids after `after`, in the order of ids, and where to go on. */
  page(collection: CollectionInfo, filter: GroupCondition, after: RowId | null): ReadPage {
    return this.#page(prepareSearch(collection, filter), after);
  }

  /** The ids of all candidates in the order of a sort, for a stream that fetches their rows later. */
  sortedIds({ collection, filter, sort, maxBytes }: Omit<IdsMessage, 'kind'>): RowId[] {
    const search = prepareSearch(collection, filter);
    const order = orderBy(collection, sort);
    if (order === null) return this.#idsSortedHere(search, { sort, maxBytes });
    return this.#orderedIds(search, order);
  }

  /**
   * Those of the rows that are still there and still pass, in the order of the ids: of the first
   * `count` ids, for large rows come a few at a time.
   */
  rows(
    collection: CollectionInfo,
    filter: GroupCondition,
    ids: readonly RowId[],
  ): { rows: TextRow[]; count: number } {
    const predicate = predicateOf(filter);
    const { taken, next } = firstOf(this.#fetch(collection, ids));
    const rows = [...this.#whole(collection, taken)];
    return {
      rows: rows.filter(({ id, doc }) => predicate(toStoredRow(id, doc))),
      count: next === undefined ? ids.length : ids.indexOf(next.id),
    };
  }

  #select({ where, collection }: Search, order: string, { offset, limit }: Window): Candidate[] {
    const bounds: SqlValue[] = [Number.isFinite(limit) ? limit : -1, offset];
    return this.#all(
      text(
        `SELECT ${CANDIDATE} FROM ${tableOf(collection)} WHERE ${where.text} ORDER BY ${order} LIMIT ? OFFSET ?`,
        ...where.values,
        ...bounds,
      ),
    );
  }

  /** What passes, a page at a time, in the order of ids. */
  *#pages(search: Search): Generator<ReadPage> {
    let after: RowId | null = null;
    do {
      const page = this.#page(search, after);
      yield page;
      after = page.last;
    } while (after !== null);
  }

  #page(search: Search, after: RowId | null): ReadPage {
    const candidates = this.#candidatesAfter(search, after);
    const { taken, next } = firstOf(candidates);
    const isLast = next === undefined && candidates.length < PAGE;
    const rows = passing(search, this.#whole(search.collection, taken));
    return { rows: [...rows], last: isLast ? null : (taken.at(-1)?.id ?? null) };
  }

  *#passing(search: Search): Generator<TextRow> {
    for (const { rows } of this.#pages(search)) yield* rows;
  }

  *#sorted(search: Search, order: string): Generator<TextRow> {
    const ids = this.#orderedIds(search, order);
    for (let start = 0; start < ids.length; start += PAGE) {
      const candidates = this.#fetch(search.collection, ids.slice(start, start + PAGE));
      yield* passing(search, this.#whole(search.collection, candidates));
    }
  }

  #selectSortedHere(search: Search, order: SortHere, { offset, limit }: Window): Candidate[] {
    const ids = this.#idsSortedHere(search, order).slice(offset, offset + limit);
    return this.#fetch(search.collection, ids);
  }

  /** For a sort that SQL cannot say: what the rows are sorted by is held, not the rows. */
  #idsSortedHere(search: Search, { sort, maxBytes }: SortHere): RowId[] {
    const budget = new RowBudget(maxBytes);
    const found: { readonly id: RowId; readonly values: readonly unknown[] }[] = [];
    for (const { id, doc } of this.#passing(search)) {
      const values = sortValues(toStoredRow(id, doc), sort);
      budget.take(leastLength(values, maxBytes));
      found.push({ id, values });
    }
    found.sort((a, b) => compareSortValues(a.values, b.values, sort));
    return found.map(({ id }) => id);
  }

  #candidatesAfter({ collection, where }: Search, after: RowId | null): Candidate[] {
    const parts: Sql[] = [where, ...(after === null ? [] : [text('id > ?', after)])];
    const condition = join(parts, ' AND ');
    return this.#all({
      text: `SELECT ${CANDIDATE} FROM ${tableOf(collection)} WHERE ${condition.text} ORDER BY id LIMIT ${PAGE}`,
      values: condition.values,
    });
  }

  /** The rows with their texts, each read when it is asked for. */
  *#whole(
    collection: CollectionInfo,
    candidates: Iterable<Candidate>,
    budget?: RowBudget,
  ): Generator<TextRow> {
    for (const { id, doc, size } of candidates) {
      budget?.take(size);
      const row = doc === null ? this.get(collection, id) : { id, doc };
      if (row !== null) yield row;
    }
  }

  #orderedIds({ collection, where }: Search, order: string): RowId[] {
    const sql = `SELECT id FROM ${tableOf(collection)} WHERE ${where.text} ORDER BY ${order}`;
    return this.statements
      .prepare(sql)
      .all(...where.values)
      .map((row) => row['id'] as RowId);
  }

  #fetch(collection: CollectionInfo, ids: readonly RowId[]): Candidate[] {
    const sql = `SELECT ${candidateColumns('t.id', 't.doc')} FROM json_each(?) AS wanted JOIN ${tableOf(collection)} AS t ON t.id = wanted.value ORDER BY wanted.key`;
    return this.#all(text(sql, JSON.stringify(ids)));
  }

  #all({ text: sql, values }: Sql): Candidate[] {
    return this.statements.prepare(sql).all(...values) as unknown as Candidate[];
  }
}

interface Window {
  readonly offset: number;
  readonly limit: number;
  readonly budget: RowBudget;
}

type SortHere = Pick<FindMessage, 'sort' | 'maxBytes'>;

/** What passes of a page, and the id to go on after; null at the end. */
interface ReadPage {
  readonly rows: TextRow[];
  readonly last: RowId | null;
}

function candidateColumns(id: string, doc: string): string {
  const size = `length(${doc})`;
  return `${id} AS id, CASE WHEN ${size} <= ${SMALL_BYTES} THEN json(${doc}) END AS doc, ${size} AS size`;
}

/** As many as a page has bytes for, one at least, and the one that comes after them. */
function firstOf(candidates: readonly Candidate[]): {
  readonly taken: readonly Candidate[];
  readonly next: Candidate | undefined;
} {
  let bytes = 0;
  const end = candidates.findIndex(({ size }, index) => {
    bytes += size;
    return index > 0 && bytes > PAGE_BYTES;
  });
  const count = end === -1 ? candidates.length : end;
  return { taken: candidates.slice(0, count), next: candidates[count] };
}

/** A filter as a condition of SQL; null when SQL alone cannot say which rows pass. */
export function exactCondition(collection: CollectionInfo, filter: GroupCondition): Sql | null {
  const { where, recheck } = prepareSearch(collection, filter);
  return recheck === null ? where : null;
}

function prepareSearch(collection: CollectionInfo, filter: GroupCondition): Search {
  const where = compileFilter(filter, keyResolver(collection));
  // AND of a single part needs its parentheses once more is added behind it
  return {
    collection,
    where: { ...where, text: `(${where.text})` },
    recheck: where.isExact ? null : predicateOf(filter),
  };
}

/** What a predicate decides is decided in a thread of its own, for the quick reads never ask one. */
function predicateOf(condition: Condition): Predicate {
  return compilePredicate(condition, new PatternEffort(OWN_THREAD));
}

function* passing({ recheck }: Search, rows: Iterable<TextRow>): Generator<TextRow> {
  for (const row of rows) {
    if (recheck === null || recheck(toStoredRow(row.id, row.doc))) yield row;
  }
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

function take(rows: Iterable<TextRow>, { offset, limit, budget }: Window): TextRow[] {
  const taken: TextRow[] = [];
  if (limit <= 0) return taken;
  let toSkip = offset;
  for (const row of rows) {
    if (toSkip > 0) {
      toSkip -= 1;
      continue;
    }
    budget.take(row.doc.length);
    taken.push(row);
    if (taken.length >= limit) break;
  }
  return taken;
}
