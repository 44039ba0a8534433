import type { ExecutorRow } from '../../../wire/index.js';
import type { TaskAssignment } from '../executor.js';
import { ExecutorProcess } from './executor-process.js';
import type { PoolSettings } from './pool-options.js';
import { PooledExecutor } from './pooled-executor.js';
import { PulseWatch } from './pulse-watch.js';
import { StartBackoff } from './start-backoff.js';
import { startFailure } from './start-failure.js';

/** The longest that a process may take to be ready, on a machine that is ever so busy. */
const MAX_START_MS = 16 * 60_000;

export interface FleetWatcher {
  /** A process has become free, or is gone, or may be started again. */
  onChange(): void;
}

/** The processes of a pool, from their start to their end. Who runs what is the pool's business. */
export class ProcessPool implements Iterable<PooledExecutor> {
  readonly #executors = new Set<PooledExecutor>();
  readonly #backoff: StartBackoff;
  readonly #pulses: PulseWatch;
  #obstacle: string | null = null;
  #startMs: number;
  /** So many are kept ready. */
  #ready = 0;
  /** Stops the clock that would end those that are kept ready. */
  #cancelRest: (() => void) | null = null;
  #nextIndex = 0;
  #isClosed = false;

  constructor(
    private readonly settings: PoolSettings,
    private readonly watcher: FleetWatcher,
  ) {
    this.#backoff = new StartBackoff(settings.clock, () => this.#change());
    this.#pulses = new PulseWatch(settings.clock, this);
    this.#startMs = settings.startTimeoutMs;
  }

  /** Why the latest process could not be started; null once one could. */
  get obstacle(): string | null {
    return this.#obstacle;
  }

  [Symbol.iterator](): Iterator<PooledExecutor> {
    return this.#executors.values();
  }

  /** Processes that are there to stay. */
  get size(): number {
    return this.#count(({ state, spent }) => state !== 'ending' && spent === null);
  }

  /** Somebody runs a task, or will in a moment. */
  get isBusy(): boolean {
    return this.#count(({ state }) => state === 'executing' || state === 'starting') > 0;
  }

  get hasFree(): boolean {
    return this.#count(isIdle) > 0;
  }

  /** For the time in which nothing is known of tasks yet: without a configured number there is none. */
  keepReady(): void {
    if (this.settings.readyFrom === 'the start') this.#keep(this.settings.min);
  }

  /**
   * Starts processes until one is on its way for each of `waiting`. True when there may be need of
   * more than the bound allows now.
   */
  startFor(waiting: number, bound: 'within the bound' | 'whatever the bound'): boolean {
    const max = bound === 'within the bound' ? this.settings.max : Number.POSITIVE_INFINITY;
    let missing = waiting - this.#count(({ state }) => state === 'starting');
    for (; missing > 0 && this.size < max; missing -= 1) if (!this.#start()) break;
    return missing > 0;
  }

  /** A free process that can run the task, one that has its code if possible; now executing. */
  take({ handler: { origin }, context }: TaskAssignment): PooledExecutor | null {
    const free = [...this.#executors].filter(({ state }) => state === 'idle');
    const executor = free.find((one) => one.has(origin)) ?? free.find((one) => one.fits(origin));
    if (executor === undefined) {
      // what is free has other generations of the plugin: it makes room
      const [outdated] = free;
      if (outdated !== undefined) this.retire(outdated, `plugin ${origin.plugin} was reloaded`);
      return null;
    }
    executor.cancelIdle?.();
    executor.cancelIdle = null;
    executor.state = 'executing';
    executor.task = context.id;
    executor.runs += 1;
    this.#expectMore();
    return executor;
  }

  /** Its task has ended: it is free for another, or has seen its last one. */
  release(executor: PooledExecutor): void {
    executor.task = null;
    if (!executor.process.isAlive || executor.state === 'ending') return;
    if (executor.runs >= this.settings.maxRuns)
      executor.spent ??= `it has run ${executor.runs} tasks`;
    if (this.size > this.settings.max) executor.spent ??= 'there are more than are allowed';
    executor.state = 'idle';
    if (executor.spent !== null) this.retire(executor, executor.spent);
    else this.#enterIdle(executor);
  }

  /** It runs no more tasks, and ends when it runs none. */
  retire(executor: PooledExecutor, reason: string): void {
    executor.spent ??= reason;
    if (executor.state === 'executing' || executor.state === 'ending') return;
    executor.state = 'ending';
    executor.cancelIdle?.();
    executor.process.end(reason);
    this.#startMissing();
    this.#change();
  }

  list(): ExecutorRow[] {
    return Array.from(this.#executors, ({ index, state, task, process: { pid } }) => ({
      index,
      state,
      pid,
      task,
    }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRest?.();
    this.#backoff.stop();
    this.#pulses.stop();
    const executors = [...this.#executors];
    for (const executor of executors) {
      executor.cancelIdle?.();
      executor.state = 'ending';
      executor.process.end('the server is shutting down');
    }
    await Promise.all(executors.map(({ process }) => process.died));
  }

  #keep(ready: number): void {
    this.#ready = ready;
    this.#startMissing();
  }

  /** Where one task came there will be others: they find a process that has started. */
  #expectMore(): void {
    const { readyFrom, min } = this.settings;
    if (readyFrom === 'the start') return;
    this.#cancelRest?.();
    this.#cancelRest = null;
    if (this.#ready < min) this.#keep(min);
  }

  /** Nobody runs a task: should that stay so, even those that are kept ready are not worth their memory. */
  #restLater(): void {
    if (this.settings.readyFrom === 'the start' || this.isBusy) return;
    this.#cancelRest ??= this.settings.clock.after(this.settings.restMs, () => {
      this.#cancelRest = null;
      this.#ready = 0;
      for (const executor of [...this.#executors])
        if (isIdle(executor)) this.retire(executor, 'no task has come for long');
    });
  }

  #startMissing(): void {
    while (this.size < this.#ready) if (!this.#start()) return;
  }

  /** False when none can be started now. */
  #start(): boolean {
    if (this.#isClosed || this.#backoff.isWaiting) return false;
    let process: ExecutorProcess;
    try {
      process = new ExecutorProcess(this.settings);
    } catch (error) {
      this.#failToStart(startFailure(error as Error));
      return false;
    }
    this.#nextIndex += 1;
    const executor = new PooledExecutor(this.#nextIndex, process);
    this.#executors.add(executor);
    process.onSpent = (reason) => this.retire(executor, reason);
    const startMs = this.#startMs;
    const cancel = this.settings.clock.after(startMs, () => {
      // the next one is given longer: on a machine so busy all would be ended just before they are ready
      this.#startMs = Math.min(2 * startMs, Math.max(MAX_START_MS, startMs));
      process.end(`it was not ready within ${startMs / 1_000} s`);
    });
    process.listener = {
      onMessage: ({ kind }) => {
        if (kind !== 'ready') return;
        cancel();
        this.#succeedToStart();
        this.#enterIdle(executor);
      },
      onOutput: () => undefined,
      onDeath: () => undefined,
    };
    void process.died.then((reason) => {
      cancel();
      this.#lose(executor, reason);
    });
    this.#pulses.start();
    return true;
  }

  #enterIdle(executor: PooledExecutor): void {
    executor.process.listener = null;
    executor.state = 'idle';
    this.#change();
    if (!isIdle(executor)) return;
    this.#restLater();
    if (this.size <= this.#ready) return;
    executor.cancelIdle = this.settings.clock.after(this.settings.idleMs, () => {
      if (this.size > this.#ready) this.retire(executor, 'it has been idle');
    });
  }

  #lose(executor: PooledExecutor, reason: string): void {
    const { index, state, runs, task } = executor;
    this.#executors.delete(executor);
    executor.cancelIdle?.();
    executor.state = 'ending';
    if (this.#isClosed) return;
    if (state === 'starting' || (state === 'idle' && runs === 0)) this.#failToStart(reason);
    else if (state !== 'ending') {
      this.settings.logger.warn(`Task executor died: ${reason}`, { executor: index, task });
    }
    this.#startMissing();
    this.#change();
  }

  /** Tasks wait for one that can be started: none has failed for what the machine lacks at the moment. */
  #failToStart(reason: string): void {
    const message = `No task executor can be started: ${reason}`;
    if (message !== this.#obstacle) {
      this.settings.logger.error(message, { entry: this.settings.entry });
    }
    this.#obstacle = message;
    this.#backoff.fail();
  }

  #succeedToStart(): void {
    this.#backoff.succeed();
    if (this.#obstacle === null) return;
    this.#obstacle = null;
    this.settings.logger.info('Task executors can be started again');
  }

  #change(): void {
    if (this.#isClosed) return;
    this.watcher.onChange();
    this.#startMissing();
  }

  #count(counts: (executor: PooledExecutor) => boolean): number {
    let count = 0;
    for (const executor of this.#executors) if (counts(executor)) count += 1;
    return count;
  }
}

/** A function, for it may change while others are told. */
function isIdle({ state }: PooledExecutor): boolean {
  return state === 'idle';
}
