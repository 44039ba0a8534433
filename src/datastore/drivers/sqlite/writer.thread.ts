import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads';
import { type SqliteConnection, openConnection } from './engine.js';
import type { Envelope, Failure, GuardedRequest, Reply, ThreadOptions } from './messages.js';
import { isFatal, toFailure } from './sqlite-failure.js';
import { StatementCache } from './statement-cache.js';
import { configureWriter, prepareFile } from './store-file.js';
import { StoreIdentity } from './store-identity.js';
import { WriteSession } from './write-session.js';

/**
 * The one thread that writes. Requests that arrive while it flushes to disk wait in its port; it
 * then takes all of them into one transaction, so that one flush serves many (group commit). Nothing
 * is answered before the commit that holds it has returned.
 */
const MAX_GROUP = 1_000;

type Request = GuardedRequest | { readonly kind: 'open' } | { readonly kind: 'close' };

class Writer {
  #connection: SqliteConnection | null = null;
  #statements: StatementCache | null = null;
  #session: WriteSession | null = null;
  #identity: StoreIdentity | null = null;
  readonly #queue: Envelope<Request>[] = [];

  constructor(
    private readonly port: MessagePort,
    private readonly options: ThreadOptions,
  ) {
    port.on('message', (envelopes: Envelope<Request>[]) => {
      this.#queue.push(...envelopes);
      this.#takeWaiting();
      while (this.#queue.length > 0) this.#round();
    });
  }

  #takeWaiting(): void {
    for (;;) {
      const waiting = receiveMessageOnPort(this.port) as
        { message: Envelope<Request>[] } | undefined;
      if (waiting === undefined) return;
      this.#queue.push(...waiting.message);
    }
  }

  #round(): void {
    const [first] = this.#queue;
    if (first?.request.kind === 'open' || first?.request.kind === 'close') {
      this.#queue.shift();
      this.port.postMessage([this.#manage({ id: first.id, request: first.request })]);
      return;
    }
    const management = this.#queue.findIndex(({ request }) => request.kind === 'close');
    const end = Math.min(MAX_GROUP, management === -1 ? this.#queue.length : management);
    const group = this.#queue.splice(0, end) as Envelope<GuardedRequest>[];
    this.port.postMessage(this.#commit(group));
  }

  #manage({ id, request }: Envelope<{ readonly kind: 'open' | 'close' }>): Reply {
    try {
      if (request.kind === 'open') return { id, value: this.#open() };
      this.#connection?.close();
      this.port.close();
      return { id, value: null };
    } catch (error) {
      return { id, failure: toFailure(error) };
    }
  }

  /** Returns SQLite's version. */
  #open(): string {
    prepareFile(this.options.file);
    const connection = openConnection(this.options.file, this.options.engine);
    configureWriter(connection);
    this.#identity = new StoreIdentity(this.options.file);
    this.#connection = connection;
    this.#statements = new StatementCache(connection);
    this.#session = new WriteSession(connection, this.#statements);
    return String(connection.prepare('SELECT sqlite_version() AS version').get()?.['version']);
  }

  #commit(group: readonly Envelope<GuardedRequest>[]): Reply[] {
    try {
      this.#identity?.assertSame();
      this.#run('BEGIN IMMEDIATE');
      this.#session?.begin();
      const replies = group.map((envelope) => this.#execute(envelope));
      this.#run('COMMIT');
      return replies;
    } catch (error) {
      const failure = toFailure(error);
      this.#rollBack();
      return group.map(({ id }) => ({ id, failure }));
    }
  }

  /** One request's refusal is its own; only a failure of the store fails the whole group. */
  #execute({ id, request }: Envelope<GuardedRequest>): Reply {
    const isSingle = isOneStatement(request);
    if (!isSingle) this.#run('SAVEPOINT request');
    try {
      const value = this.#session?.execute(request);
      if (!isSingle) this.#run('RELEASE request');
      return { id, value };
    } catch (error) {
      const failure: Failure = toFailure(error);
      if (isFatal(failure)) throw error;
      if (!isSingle) {
        this.#run('ROLLBACK TO request');
        this.#run('RELEASE request');
      }
      return { id, failure };
    }
  }

  #run(sql: string): void {
    if (this.#statements === null) throw new Error('the store is not open');
    this.#statements.prepare(sql).run();
  }

  #rollBack(): void {
    try {
      this.#run('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, or never began
    }
  }
}

/** It leaves nothing behind when it fails, and needs no savepoint. */
function isOneStatement(request: GuardedRequest): boolean {
  if (request.kind !== 'write' || request.steps.length !== 1) return false;
  const [step] = request.steps;
  const isRun = step?.kind === 'inserts' || step?.kind === 'upserts';
  return !isRun || step.docs.length === 1;
}

if (parentPort !== null) new Writer(parentPort, workerData as ThreadOptions);
