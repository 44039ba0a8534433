import { setImmediate } from 'node:timers/promises';
import { collectGarbage } from '../../../system/index.js';
import type { CollectionInfo, RowId, StoredRow } from '../../../sdk/datastore.js';
import type { FindRequest } from '../../driver.js';
import { rankOf, Rank } from '../../../common/query/index.js';
import { answerRead, type ReadTools } from './answer-read.js';
import { type SqliteConnection, openConnection } from './engine.js';
import type { ReadRequest, TextRow, ThreadOptions } from './messages.js';
import { exactCondition, ReadSession } from './read-session.js';
import { StatementCache } from './statement-cache.js';
import { toStoredRow } from './storage-format.js';
import { tableOf } from './tables.js';

/** How many rows may be read without leaving the server's thread: a fraction of a millisecond. */
const MAX_ROWS = 200;
/** And how many bytes of them: a few milliseconds of parsing. */
const MAX_BYTES = 512 * 1_024;
/** Names of collections that are too large; with so many it begins to look anew. */
const MAX_REMEMBERED = 1_000;

/**
 * Reads in the server's own thread what is known to be short: a row by its id, the few rows of one
 * indexed value, whatever of a small collection. The way to another thread and back would cost several
 * times the read, and the threads are there only once somebody needs them. Answers undefined when it is
 * not for it to answer; then a reader thread is asked.
 */
export class NearReader {
  #connection: SqliteConnection | null = null;
  #tools: ReadTools | null = null;
  readonly #large = new Set<string>();

  constructor(private readonly options: ThreadOptions) {}

  open(): void {
    this.#connection = openConnection(this.options.file, this.options.engine);
    // No waiting here: who finds the file locked asks a thread, which can wait
    this.#connection.exec('PRAGMA busy_timeout = 0');
    this.#connection.exec('PRAGMA query_only = 1');
    const statements = new StatementCache(this.#connection);
    this.#tools = { session: new ReadSession(statements), statements };
  }

  async close(): Promise<void> {
    this.#tools = null;
    this.#connection?.close();
    this.#connection = null;
    if (this.options.engine !== 'libsql') return;
    // it keeps the file open until the last statement is collected, and in this thread nothing else ends them
    collectGarbage();
    await setImmediate();
  }

  get(collection: CollectionInfo, id: RowId): StoredRow | null | undefined {
    const row = this.#try(({ session }) => session.get(collection, id));
    return row === undefined || row === null ? row : toStoredRow(row.id, row.doc);
  }

  find(request: FindRequest): StoredRow[] | undefined {
    if (!isShort(request)) return undefined;
    const { collection, filter, sort, offset } = request;
    const limit = Math.min(request.limit, MAX_ROWS + 1);
    const rows = this.#try(({ session }): TextRow[] =>
      session.find({ kind: 'find', collection, filter, sort, offset, limit, maxBytes: MAX_BYTES }),
    );
    if (rows === undefined || rows.length > MAX_ROWS) return undefined;
    return rows.map(({ id, doc }) => toStoredRow(id, doc));
  }

  /** What a thread would send for it. */
  read(request: ReadRequest): unknown {
    return this.#try((tools) =>
      this.#isLittle(tools, request) ? answerRead(tools, request) : undefined,
    );
  }

  #isLittle(tools: ReadTools, request: ReadRequest): boolean {
    switch (request.kind) {
      case 'get':
      case 'last-serial':
      case 'collections':
      case 'term':
        return true;
      case 'counters':
        return false;
      case 'count':
      case 'find':
      case 'page':
      case 'ids':
      case 'rows': {
        const { collection, filter } = request;
        // what SQL cannot decide may be a pattern, whose effort has nothing to do with the rows
        return exactCondition(collection, filter) !== null && this.#isSmall(tools, collection);
      }
    }
  }

  #isSmall({ statements }: ReadTools, collection: CollectionInfo): boolean {
    if (this.#large.has(collection.name)) return false;
    const table = tableOf(collection);
    const sql = `SELECT count(*) AS n, sum(length(doc)) AS bytes FROM (SELECT doc FROM ${table} LIMIT ?)`;
    const size = statements.prepare(sql).get(MAX_ROWS + 1);
    if (Number(size?.['n']) <= MAX_ROWS && Number(size?.['bytes']) <= MAX_BYTES) return true;
    if (this.#large.size >= MAX_REMEMBERED) this.#large.clear();
    this.#large.add(collection.name);
    return false;
  }

  #try<T>(read: (tools: ReadTools) => T): T | undefined {
    if (this.#tools === null) return undefined;
    try {
      return read(this.#tools);
    } catch {
      return undefined; // the thread that is asked next says what is wrong
    }
  }
}

/** One equality that an index answers alone, rows in its order: as many steps as rows. */
function isShort({ collection, filter, sort, offset }: FindRequest): boolean {
  const [condition, ...others] = filter.conditions;
  if (condition === undefined || others.length > 0 || sort.length > 0 || offset > 0) return false;
  if (condition.kind !== 'comparison' || condition.operator !== '=') return false;
  if (!isScalar(condition.value)) return false;
  const field = condition.path.join('.');
  return (
    field === 'id' ||
    [...collection.unique, ...collection.indexes].some(
      (key) => key.length === 1 && key[0] === field,
    )
  );
}

function isScalar(value: unknown): boolean {
  const rank = rankOf(value);
  return rank === Rank.String || (rank === Rank.Number && Number.isSafeInteger(value));
}
