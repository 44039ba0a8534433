import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Connection, openConnection } from './engine.js';
import type {
  Envelope,
  Page,
  ReadRequest,
  Reply,
  RowChunks,
  RowsOfIds,
  ThreadOptions,
} from './messages.js';
import { ReadSession } from './read-session.js';
import { encodeChunks } from './row-chunks.js';
import { toFailure } from './sqlite-failure.js';
import { StatementCache } from './statement-cache.js';
import { configureReader } from './store-file.js';
import { READ_TERM } from './tables.js';

/**
 * A thread that reads. Every request is answered in full before the next is looked at; what is long
 * comes as pages, so that others get their turn in between.
 */
type Request = ReadRequest | { readonly kind: 'open' } | { readonly kind: 'close' };

class Reader {
  #connection: Connection | null = null;
  #statements: StatementCache | null = null;
  #session: ReadSession | null = null;

  constructor(
    private readonly port: MessagePort,
    private readonly options: ThreadOptions,
  ) {
    port.on('message', (envelopes: Envelope<Request>[]) => {
      for (const envelope of envelopes) this.#answer(envelope);
    });
  }

  #answer({ id, request }: Envelope<Request>): void {
    let reply: Reply;
    try {
      reply = { id, value: this.#execute(request) };
    } catch (error) {
      reply = { id, failure: toFailure(error) };
    }
    this.port.postMessage([reply], transferable(reply));
    if (request.kind === 'close') this.port.close();
  }

  #execute(request: Request): unknown {
    if (request.kind === 'open' || request.kind === 'close') {
      this.#manage(request.kind);
      return null;
    }
    if (this.#session === null) throw new Error('the store is not open');
    return this.#read(this.#session, request);
  }

  #read(session: ReadSession, request: ReadRequest): unknown {
    switch (request.kind) {
      case 'get':
        return session.get(request.collection, request.id);
      case 'count':
        return this.#snapshot(() => session.count(request.collection, request.filter));
      case 'find':
        return this.#snapshot(() => encodeChunks(session.find(request)));
      case 'page': {
        const { rows, last } = session.page(request.collection, request.filter, request.after);
        return { chunks: encodeChunks(rows), last } satisfies Page;
      }
      case 'ids':
        return session.sortedIds(request);
      case 'rows': {
        const { rows, count } = session.rows(request.collection, request.filter, request.ids);
        return { chunks: encodeChunks(rows), count } satisfies RowsOfIds;
      }
      case 'last-serial':
        return session.lastSerial(request.collection);
      case 'collections':
        return this.#table('SELECT definition AS value FROM _collections');
      case 'counters':
        return this.#table('SELECT name, value FROM _counters ORDER BY name');
      case 'term':
        return this.#table(READ_TERM);
    }
  }

  /** Several statements that see the store as of one moment. */
  #snapshot<T>(read: () => T): T {
    this.#statements?.prepare('BEGIN').run();
    try {
      return read();
    } finally {
      this.#statements?.prepare('COMMIT').run();
    }
  }

  #table(sql: string): unknown {
    return this.#statements?.prepare(sql).all();
  }

  #manage(kind: 'open' | 'close'): void {
    if (kind === 'close') {
      this.#connection?.close();
      return;
    }
    this.#connection = openConnection(this.options.file, this.options.engine);
    configureReader(this.#connection);
    this.#statements = new StatementCache(this.#connection);
    this.#session = new ReadSession(this.#statements);
  }
}

function transferable(reply: Reply): ArrayBuffer[] {
  if (!('value' in reply)) return [];
  const { value } = reply;
  const chunks = Array.isArray(value) ? value : ((value as Partial<Page> | null)?.chunks ?? []);
  return (chunks as RowChunks)
    .filter((chunk) => chunk instanceof Uint8Array)
    .map((chunk) => chunk.buffer as ArrayBuffer);
}

if (parentPort !== null) new Reader(parentPort, workerData as ThreadOptions);
