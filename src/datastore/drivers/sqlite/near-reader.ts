import type { CollectionInfo, RowId, StoredRow } from '../../../sdk/datastore.js';
import type { FindRequest } from '../../driver.js';
import { rankOf, Rank } from '../../../common/query/index.js';
import { type Connection, openConnection } from './engine.js';
import type { TextRow, ThreadOptions } from './messages.js';
import { ReadSession } from './read-session.js';
import { StatementCache } from './statement-cache.js';
import { toStoredRow } from './storage-format.js';

/** How many rows may be read without leaving the server's thread: a fraction of a millisecond. */
const MAX_ROWS = 200;
/** And how many bytes of them: a few milliseconds of parsing. */
const MAX_BYTES = 512 * 1_024;

/**
 * Reads in the server's own thread what is known to be short: a row by its id, the few rows of one
 * indexed value. The way to another thread and back would cost several times the read. Answers
 * undefined when it is not for it to answer; then a reader thread is asked.
 */
export class NearReader {
  #connection: Connection | null = null;
  #session: ReadSession | null = null;

  constructor(private readonly options: ThreadOptions) {}

  open(): void {
    this.#connection = openConnection(this.options.file, this.options.engine);
    // No waiting here: who finds the file locked asks a thread, which can wait
    this.#connection.exec('PRAGMA busy_timeout = 0');
    this.#connection.exec('PRAGMA query_only = 1');
    this.#session = new ReadSession(new StatementCache(this.#connection));
  }

  close(): void {
    this.#session = null;
    this.#connection?.close();
    this.#connection = null;
  }

  get(collection: CollectionInfo, id: RowId): StoredRow | null | undefined {
    const row = this.#try((session) => session.get(collection, id));
    return row === undefined || row === null ? row : toStoredRow(row.id, row.doc);
  }

  find(request: FindRequest): StoredRow[] | undefined {
    if (!isShort(request)) return undefined;
    const { collection, filter, sort, offset } = request;
    const limit = Math.min(request.limit, MAX_ROWS + 1);
    const rows = this.#try((session): TextRow[] =>
      session.find({ kind: 'find', collection, filter, sort, offset, limit, maxBytes: MAX_BYTES }),
    );
    if (rows === undefined || rows.length > MAX_ROWS) return undefined;
    return rows.map(({ id, doc }) => toStoredRow(id, doc));
  }

  #try<T>(read: (session: ReadSession) => T): T | undefined {
    if (this.#session === null) return undefined;
    try {
      return read(this.#session);
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
