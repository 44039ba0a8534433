import { deferred, Errno, isDispatcherError, messageOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import type { FileError } from '../model/index.js';
import {
  type DataRequest,
  type Description,
  type FromWorker,
  type Outcome,
  type Rendered,
  type RenderJob,
  type SourceRef,
  type Sources,
  toDataText,
} from '../worker/index.js';
import { decodeRequest } from './decode-request.js';
import type { SnapshotView } from './snapshot.js';
import { type RenderUser, WorkerProcess } from './worker-process.js';

export interface RenderWorkerOptions {
  readonly entry: string;
  readonly user: RenderUser | null;
  readonly limits: { readonly renderMs: number };
  readonly logger: Logger;
}

type Failure = { readonly error: Omit<FileError, 'stage'> };
type Question =
  | { readonly kind: 'describe'; readonly source: SourceRef }
  | { readonly kind: 'render'; readonly job: RenderJob };

/** A question that the process works at. */
interface Running {
  readonly id: number;
  readonly worker: WorkerProcess;
  readonly view: SnapshotView | null;
  /** Data that it waits for: that time is not its own. */
  waiting: number;
  readonly settle: (outcome: Outcome<unknown> | Failure) => void;
  spentMs: number;
  since: number;
  lines: number;
}

/** How long a process may take to start, beside what it is asked. */
const START_MS = 15_000;
const TICK_MS = 100;
const MAX_LINES = 100;

/**
 * Renders in another process, one file after the other. A file that takes too long, or that takes the process
 * with it, fails; the next one has a new process.
 */
export class RenderWorker {
  #process: WorkerProcess | null = null;
  #sources: Sources | null = null;
  #isPreparing = true;
  #running: Running | null = null;
  #lastId = 0;
  /** The end of the last question in the row. */
  #row: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(private readonly options: RenderWorkerOptions) {}

  /** What is described and rendered from now on. */
  load(sources: Sources): void {
    this.#sources = sources;
    this.#process?.send({ kind: 'load', sources });
  }

  describe(source: SourceRef): Promise<Outcome<Description> | Failure> {
    return this.#inRow({ kind: 'describe', source }, null) as Promise<Outcome<Description>>;
  }

  render(job: RenderJob, view: SnapshotView): Promise<Outcome<Rendered> | Failure> {
    return this.#inRow({ kind: 'render', job }, view) as Promise<Outcome<Rendered>>;
  }

  /** Nothing is rendered any more; the process ends. */
  close(): void {
    this.#isClosed = true;
    this.#process?.kill();
  }

  #inRow(question: Question, view: SnapshotView | null): Promise<Outcome<unknown> | Failure> {
    const answer = this.#row.then(() => this.#ask(question, view));
    this.#row = answer;
    return answer;
  }

  async #ask(question: Question, view: SnapshotView | null): Promise<Outcome<unknown> | Failure> {
    if (this.#isClosed) return failure('etcd ends');
    const { promise, resolve } = deferred<Outcome<unknown> | Failure>();
    let worker: WorkerProcess;
    try {
      worker = this.#started();
    } catch (error) {
      return failure(`The process that renders cannot be started: ${messageOf(error)}`);
    }
    const id = ++this.#lastId;
    const running: Running = {
      id,
      worker,
      view,
      waiting: 0,
      spentMs: 0,
      since: Date.now(),
      lines: 0,
      settle: resolve,
    };
    this.#running = running;
    const timer = setInterval(() => this.#judge(running), TICK_MS);
    worker.send({ ...question, id });
    const outcome = await promise;
    clearInterval(timer);
    this.#running = null;
    return outcome;
  }

  #started(): WorkerProcess {
    if (this.#process?.isAlive === true) return this.#process;
    const { entry, user } = this.options;
    const started: WorkerProcess = new WorkerProcess({
      entry,
      user,
      onMessage: (message) => this.#receive(message),
      onDeath: (reason) => {
        if (this.#process === started) this.#process = null;
        if (this.#running?.worker !== started) return; // one that was given up before
        this.#running.settle(failure(`renderer died: ${reason}`));
      },
    });
    this.#process = started;
    this.#isPreparing = true;
    if (this.#sources !== null) started.send({ kind: 'load', sources: this.#sources });
    return started;
  }

  /** Only time in which the renderer itself was at work counts. */
  #judge(running: Running): void {
    const now = Date.now();
    if (running.waiting === 0) running.spentMs += now - running.since;
    running.since = now;
    const { renderMs } = this.options.limits;
    if (running.spentMs < renderMs + (this.#isPreparing ? START_MS : 0)) return;
    running.settle(failure('render timed out', Errno.ETIMEDOUT));
    running.worker.kill();
    if (this.#process === running.worker) this.#process = null;
  }

  #receive(message: FromWorker): void {
    const running = this.#running;
    if (message.kind === 'ready' || message.kind === 'preparing') {
      this.#isPreparing = message.kind === 'preparing';
      if (running !== null) Object.assign(running, { since: Date.now(), spentMs: 0 });
      return;
    }
    if (running === null || message.id !== running.id) return; // of a file that has been given up
    switch (message.kind) {
      case 'described':
      case 'rendered':
        running.settle(message.result);
        return;
      case 'ask':
        void this.#answer(message, running);
        return;
      case 'log':
        running.lines += 1;
        if (running.lines <= MAX_LINES) this.options.logger[message.level](message.message);
    }
  }

  async #answer(
    { ask, request }: { readonly ask: number; readonly request: string },
    running: Running,
  ): Promise<void> {
    const { view, worker } = running;
    running.waiting += 1;
    try {
      if (view === null) throw new Error('Ask for data in render() or data(), not before');
      const value = await view.read(decodeRequest(request) satisfies DataRequest);
      const data = toDataText(value, (secret) => view.refer(secret));
      worker.send({ kind: 'answer', ask, data });
    } catch (error) {
      const code = isDispatcherError(error) ? error.code : Errno.EFAULT;
      worker.send({ kind: 'answer', ask, error: { message: messageOf(error), code } });
    } finally {
      running.waiting -= 1;
      running.since = Date.now();
    }
  }
}

function failure(message: string, code?: number): Failure {
  return { error: { message, ...(code !== undefined && { code }) } };
}
