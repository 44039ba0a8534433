import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerRead, type ReadTools } from './answer-read.js';
import { type SqliteConnection, openConnection } from './engine.js';
import type { Envelope, Page, ReadRequest, Reply, RowChunks, ThreadOptions } from './messages.js';
import { ReadSession } from './read-session.js';
import { toFailure } from './sqlite-failure.js';
import { StatementCache } from './statement-cache.js';
import { configureReader } from './store-file.js';

/**
 * A thread that reads. Every request is answered in full before the next is looked at; what is long
 * comes as pages, so that others get their turn in between.
 */
type Request = ReadRequest | { readonly kind: 'open' } | { readonly kind: 'close' };

class Reader {
  #connection: SqliteConnection | null = null;
  #tools: ReadTools | null = null;

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
    if (this.#tools === null) throw new Error('the store is not open');
    return answerRead(this.#tools, request);
  }

  #manage(kind: 'open' | 'close'): void {
    if (kind === 'close') {
      this.#connection?.close();
      return;
    }
    this.#connection = openConnection(this.options.file, this.options.engine);
    configureReader(this.#connection);
    const statements = new StatementCache(this.#connection);
    this.#tools = { session: new ReadSession(statements), statements };
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
