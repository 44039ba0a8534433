import { encodeWithSecrets, messageOf, withCause } from '../../../common/index.js';
import type { Clock } from '../../../events/index.js';
import type { RunOutcome, TaskAssignment, RunFailure, TaskSession } from '../executor.js';
import { toRunOutcome } from '../run-outcome.js';
import { toRunFailure } from '../run-failure.js';
import type { Step } from '../task-methods.js';
import type { ProcessListener } from './executor-process.js';
import type { FromExecutor, TaskIdentity } from './messages.js';
import type { PooledExecutor } from './pooled-executor.js';
import { TaskHost } from './task-host.js';

export interface IsolatedSessionOptions {
  readonly clock: Clock;
  readonly abortGraceMs: number;
  /** The executor is free again. */
  readonly onClose: () => void;
}

/** The process died before the task had begun: not for its code, for all that is known. */
export class DiedLoadingError extends Error {
  constructor(reason: string) {
    super(`Task executor died while loading the plugin: ${reason}`);
  }
}

interface Loading {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * One task's time with an executor process. The process is this session's until `close`; what it
 * says under the number of another session is not listened to.
 */
export class IsolatedSession implements TaskSession, ProcessListener {
  readonly #host: TaskHost;
  readonly #epoch: number;
  #settle: ((outcome: RunOutcome) => void) | null = null;
  #loading: Loading | null = null;
  #death: string | null = null;
  #cancelGrace: (() => void) | null = null;
  #wasAskedToStop = false;
  #isClosed = false;

  /** @throws whatever the handler's `acquire` throws */
  constructor(
    private readonly executor: PooledExecutor,
    private readonly assignment: TaskAssignment,
    private readonly options: IsolatedSessionOptions,
  ) {
    this.#epoch = executor.nextEpoch();
    this.#host = new TaskHost(assignment, { process: executor.process, epoch: this.#epoch });
    executor.process.listener = this;
    executor.process.belongTo(this.#epoch);
  }

  get isAlive(): boolean {
    return this.#death === null && this.executor.process.isAlive;
  }

  /** Sends the plugin's code, if the process has not got it. @throws Error when it cannot be loaded */
  async load(): Promise<void> {
    const { origin } = this.assignment.handler;
    if (this.executor.has(origin)) return;
    this.executor.note(origin);
    const { plugin, entry, options } = origin;
    await new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject };
      const sources = [...origin.sources()];
      const task = this.#identity();
      this.#send({ kind: 'load', epoch: this.#epoch, plugin, entry, options, sources, task });
    });
  }

  run(): Promise<RunOutcome> {
    return this.#perform('run');
  }

  rollback(): Promise<RunOutcome> {
    return this.#perform('rollback');
  }

  abort(): void {
    if (this.#wasAskedToStop) return;
    this.#wasAskedToStop = true;
    this.#send({ kind: 'abort', epoch: this.#epoch });
    if (this.#settle === null) return;
    const { clock, abortGraceMs } = this.options;
    const reason = `it did not stop within ${abortGraceMs / 1_000} s of being told to`;
    this.#cancelGrace = clock.after(abortGraceMs, () => this.kill(reason));
  }

  kill(reason: string): void {
    this.executor.process.end(reason);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#settle !== null) this.kill('its session was closed while it ran');
    this.executor.process.listener = null;
    this.executor.process.belongTo(null);
    try {
      await this.#host.end();
    } finally {
      this.options.onClose();
    }
  }

  onMessage(message: FromExecutor): void {
    if (!('epoch' in message) || message.epoch !== this.#epoch) return;
    // the process is shared: what this task asks for is done because of this task
    withCause(this.assignment.context, () => this.#take(message));
  }

  #take(message: Extract<FromExecutor, { readonly epoch: number }>): void {
    if (message.kind === 'ask') this.#host.answer(message);
    else if (message.kind === 'tell') this.#host.hear(message);
    else if (message.kind === 'will-not-stop') this.kill('its abort() said that it cannot stop');
    else if (message.kind === 'loaded') this.#loading?.resolve();
    else if (message.kind === 'not-loaded') this.#failToLoad(message.failure);
    else {
      const outcome = toRunOutcome(message.outcome);
      this.executor.spent ??= message.spent ?? null;
      // what it wrote before is read in this turn of the event loop
      setImmediate(() => this.#end(outcome));
    }
  }

  onOutput(text: string): void {
    this.assignment.onOutput(text);
  }

  onDeath(reason: string): void {
    this.#death = reason;
    this.#loading?.reject(new DiedLoadingError(reason));
    this.#end({ kind: 'died', reason });
  }

  async #perform(step: Step): Promise<RunOutcome> {
    const { name, className, origin } = this.assignment.handler;
    if (this.#death !== null) return { kind: 'died', reason: this.#death };
    const outcome = new Promise<RunOutcome>((resolve) => (this.#settle = resolve));
    try {
      const args = encodeWithSecrets(this.assignment.args);
      const task = this.#identity();
      const { plugin } = origin;
      this.#send({ kind: 'run', epoch: this.#epoch, step, plugin, name, className, args, task });
    } catch (error) {
      const cause = new TypeError(`The task's arguments have no JSON form: ${messageOf(error)}`);
      this.#end({ kind: 'threw', failure: toRunFailure(cause) });
    }
    return outcome;
  }

  #end(outcome: RunOutcome): void {
    this.#cancelGrace?.();
    this.#cancelGrace = null;
    this.#settle?.(outcome);
    this.#settle = null;
  }

  #failToLoad({ type, message }: RunFailure): void {
    const { plugin } = this.assignment.handler.origin;
    this.executor.spent = 'it has half of a plugin';
    this.#loading?.reject(
      new Error(`Plugin ${plugin} could not be loaded in a task executor: ${type}: ${message}`),
    );
  }

  #identity(): TaskIdentity {
    const { id, user, environment, cause, signal } = this.assignment.context;
    const aborted = signal.aborted ? { isAborted: true as const } : {};
    return { id, user, environment: encodeWithSecrets(environment), cause, ...aborted };
  }

  #send(message: Parameters<PooledExecutor['process']['send']>[0]): void {
    this.executor.process.send(message);
  }
}
