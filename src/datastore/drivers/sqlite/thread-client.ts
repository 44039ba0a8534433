import { Worker } from 'node:worker_threads';
import { loaderArguments } from '../../../system/index.js';
import type { DatastoreException } from '../../../sdk/datastore.js';
import type { Envelope, Failure, Reply, ThreadOptions } from './messages.js';
import { toException } from './sqlite-failure.js';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: DatastoreException) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly opened: Promise<unknown>;
}

/**
 * The server's end of a store's thread: starts it when it is first needed, and again should it have
 * died. Requests of one turn of the event loop travel in one message.
 */
export class ThreadClient<Request> {
  #thread: Thread | null = null;
  #nextId = 0;
  #isClosed = false;
  #answeredRounds = 0;
  #outbox: Envelope<unknown>[] = [];
  readonly #pending = new Map<number, Pending>();

  constructor(
    private readonly script: URL,
    private readonly options: ThreadOptions,
  ) {}

  /** How many requests have no answer yet. */
  get load(): number {
    return this.#pending.size;
  }

  /** How often the thread has answered since it was opened; a writer answers once for each commit. */
  get answeredRounds(): number {
    return this.#answeredRounds;
  }

  /** Starts the thread; resolves with what it says about the store it opened. */
  open(): Promise<unknown> {
    this.#thread ??= this.#start();
    return this.#thread.opened;
  }

  /** @param hurry - `at once` for what its sender has gathered already: to wait for more keeps the thread idle */
  async request<Value>(
    request: Request,
    hurry: 'at once' | 'with others' = 'with others',
  ): Promise<Value> {
    if (this.#thread === null) await this.open();
    const answer = this.#send(request);
    if (hurry === 'at once') this.#flush();
    return (await answer) as Value;
  }

  /** Answers what is under way, then ends the thread. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#thread;
    if (thread === null) return;
    await this.#send({ kind: 'close' }, 'even when closed').catch(() => undefined);
    this.#thread = null;
    await thread.worker.terminate();
  }

  #start(): Thread {
    const worker = new Worker(this.script, {
      workerData: this.options,
      execArgv: threadArguments(),
    });
    worker.on('message', (replies: readonly Reply[]) => {
      this.#answeredRounds += 1;
      replies.forEach((reply) => this.#settle(reply));
    });
    worker.on('error', (error) => this.#lose(error.message));
    worker.on('exit', () => this.#lose('its thread ended'));
    this.#thread = { worker, opened: Promise.resolve() };
    const opened = this.#send({ kind: 'open' });
    opened.catch(() => void worker.terminate()); // the caller of open() hears of it
    return { worker, opened };
  }

  #send(
    request: unknown,
    when: 'while open' | 'even when closed' = 'while open',
  ): Promise<unknown> {
    if (this.#isClosed && when === 'while open') {
      return Promise.reject(this.#exception('the store is closed'));
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const reply = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    if (this.#outbox.length === 0) setImmediate(() => this.#flush());
    this.#outbox.push({ id, request });
    return reply;
  }

  #flush(): void {
    const envelopes = this.#outbox;
    if (envelopes.length === 0) return;
    this.#outbox = [];
    this.#thread?.worker.postMessage(envelopes);
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    if ('failure' in reply) pending.reject(toException(reply.failure, this.options.file));
    else pending.resolve(reply.value);
  }

  /** Nobody may wait for ever: what the thread had not answered has failed. */
  #lose(reason: string): void {
    this.#thread = null;
    this.#outbox = [];
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(this.#exception(reason));
  }

  #exception(message: string): DatastoreException {
    const failure: Failure = { kind: 'sqlite', code: 'CLOSED', message };
    return toException(failure, this.options.file);
  }
}

// node:sqlite announces in every thread that it is experimental: once in the docs is enough.
const threadArguments = (): string[] => [
  ...loaderArguments(),
  '--disable-warning=ExperimentalWarning',
];
