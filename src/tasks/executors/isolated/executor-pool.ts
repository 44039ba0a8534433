import { onAbort } from '../../../common/index.js';
import type { OpenSessionOptions, TaskAssignment, TaskExecutor, TaskSession } from '../executor.js';
import { ExecutorQueue } from './executor-queue.js';
import { ProcessPool } from './process-pool.js';
import { DiedLoadingError, IsolatedSession } from './isolated-session.js';
import { type ExecutorPoolOptions, type PoolSettings, withDefaults } from './pool-options.js';
import type { PooledExecutor } from './pooled-executor.js';
import type { ExecutorRow } from '../../../wire/index.js';

/** A process that dies while it loads a plugin may have been killed by others: so many are tried. */
const LOAD_ATTEMPTS = 3;

/**
 * Runs tasks in processes of their own, which are started ahead, used again and replaced: whatever
 * a task does to its process, it does to no other task and not to the server.
 *
 * Tasks wait for a process in the order in which they came. A subtask does not: its parent waits
 * for it and would keep the process that it needs.
 *
 * @example
 * const pool = new ExecutorPool({ entry: '/opt/dispatcher/task-worker/main.js', clock, logger });
 * pool.start();
 */
export class ExecutorPool implements TaskExecutor {
  readonly #settings: PoolSettings;
  readonly #processes: ProcessPool;
  readonly #line = new ExecutorQueue();
  #cancelGrowth: (() => void) | null = null;
  #isClosed = false;

  constructor(options: ExecutorPoolOptions) {
    this.#settings = withDefaults(options);
    this.#processes = new ProcessPool(this.#settings, {
      onChange: () => this.#balance(),
    });
  }

  /** Starts the processes of a given `min`, and keeps them ready from now on. */
  start(): void {
    if (!this.#isClosed) this.#processes.keepReady();
  }

  get obstacle(): string | null {
    return this.#processes.obstacle;
  }

  async open(assignment: TaskAssignment, { signal }: OpenSessionOptions): Promise<TaskSession> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#open(assignment, signal);
      } catch (error) {
        const mayPass = error instanceof DiedLoadingError && attempt < LOAD_ATTEMPTS;
        if (!mayPass || this.#isClosed) throw error;
      }
    }
  }

  async #open(assignment: TaskAssignment, signal: AbortSignal): Promise<TaskSession> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new Error('Task executors are shut down');
    const letGo = assignment.handler.origin.keep();
    try {
      const executor = await this.#acquire(assignment, signal);
      const session = this.#sessionIn(executor, assignment);
      await this.#load(session, signal);
      return session;
    } finally {
      letGo();
    }
  }

  #sessionIn(executor: PooledExecutor, assignment: TaskAssignment): IsolatedSession {
    const { clock, abortGraceMs } = this.#settings;
    const onClose = (): void => this.#processes.release(executor);
    try {
      return new IsolatedSession(executor, assignment, { clock, abortGraceMs, onClose });
    } catch (error) {
      onClose();
      throw error;
    }
  }

  /** Processes that hold code of the plugin run no more tasks: its next generation gets fresh ones. */
  retire(plugin: string): void {
    for (const executor of [...this.#processes]) {
      if (executor.holds(plugin)) this.#processes.retire(executor, `plugin ${plugin} was reloaded`);
    }
  }

  list(): ExecutorRow[] {
    return this.#processes.list();
  }

  /** Ends all processes, whatever they run, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelGrowth?.();
    this.#line.rejectAll(new Error('Task executors are being shut down'));
    await this.#processes.close();
  }

  async #acquire(assignment: TaskAssignment, signal: AbortSignal): Promise<PooledExecutor> {
    if (this.#line.size === 0 || assignment.isSubtask) {
      const idle = this.#processes.take(assignment);
      if (idle !== null) return idle;
    }
    const handedOver = this.#line.join(assignment, signal);
    this.#balance();
    return handedOver;
  }

  /** Code that never gets loaded is ended with its process when the task is no longer wanted. */
  async #load(session: IsolatedSession, signal: AbortSignal): Promise<void> {
    const forget = onAbort(signal, () =>
      session.kill('its plugin was not loaded before the task was stopped'),
    );
    try {
      await session.load();
    } catch (error) {
      await session.close();
      signal.throwIfAborted();
      throw error;
    } finally {
      forget();
    }
  }

  /** Hands over what is free, and starts processes for those who have to wait. */
  #balance(): void {
    if (this.#isClosed) return;
    for (const waiting of this.#line) {
      if (!this.#processes.hasFree) break; // thousands may wait
      const executor = this.#processes.take(waiting.assignment);
      if (executor === null) continue;
      this.#line.remove(waiting);
      waiting.resolve(executor);
    }
    this.#processes.startFor(this.#line.subtasks, 'whatever the bound');
    if (this.#processes.isBusy) this.#growLater();
    else this.#processes.startFor(this.#line.size, 'within the bound');
  }

  /** Most tasks are short: a busy process is free again sooner than another one is started. */
  #growLater(): void {
    if (this.#cancelGrowth !== null || this.#line.size === 0) return;
    this.#cancelGrowth = this.#settings.clock.after(this.#settings.growAfterMs, () => {
      this.#cancelGrowth = null;
      if (this.#processes.startFor(this.#line.size, 'within the bound')) this.#growLater();
    });
  }
}
