import { type Cause, coded, messageOf, withCause } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import { OutputTail } from '../engine/output-tail.js';
import type { RunOutcome, TaskAssignment, TaskSession } from '../executors/executor.js';
import { toRunFailure } from '../executors/run-failure.js';
import type { Step } from '../executors/task-methods.js';
import type { SessionHooks } from '../site/executor-site.js';
import type { TaskHandler } from '../task-handler.js';
import type { RunReport } from './node-messages.js';
import type { RunContext } from './run-context.js';

export interface NodeRunParts {
  readonly task: number;
  /** `<term>.<run>`. */
  readonly fence: string;
  readonly handler: TaskHandler;
  readonly args: readonly unknown[];
  readonly context: RunContext;
  readonly isSubtask: boolean;
  readonly hooks: SessionHooks;
  /** What the task is stopped by: fires its context's signal. */
  readonly stop: AbortController;
  /** Nobody asks for the run any more. */
  readonly over: AbortController;
  readonly open: (assignment: TaskAssignment, signal: AbortSignal) => Promise<TaskSession>;
  readonly clock: Clock;
}

/**
 * A run at this node. It goes on whoever leads: what it came to is kept until a leader has stored it,
 * and a step that is asked for again is not done again.
 */
export class NodeRun {
  readonly fence: string;
  readonly task: number;
  readonly #output = new OutputTail();
  readonly #steps = new Map<string, Promise<RunOutcome>>();
  #opening: Promise<TaskSession> | null = null;
  #session: TaskSession | null = null;
  #attempt = 0;
  #begunMs = 0;
  #unsettled = 0;
  #isKilled = false;

  constructor(private readonly parts: NodeRunParts) {
    this.fence = parts.fence;
    this.task = parts.task;
  }

  /** The number of the attempt of its run that was begun last. */
  get attempt(): number {
    return this.#attempt;
  }

  /** What it is done because of. */
  get cause(): Cause {
    return this.parts.context;
  }

  get hooks(): SessionHooks {
    return this.parts.hooks;
  }

  /** It has begun, and no leader has stored how it ended. */
  get isWanted(): boolean {
    return this.#steps.size > 0;
  }

  /** @throws (rejects with) as `TaskExecutor.open` does */
  async open(signal: AbortSignal): Promise<void> {
    this.#opening ??= this.parts.open(this.#assignment(this.parts.isSubtask), signal);
    this.#session = await this.#opening;
    if (this.parts.over.signal.aborted) await this.#session.close(); // it took too long
  }

  perform(step: Step, attempt: number): Promise<RunOutcome> {
    const key = `${step} ${attempt}`;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    if (step === 'run') {
      this.#attempt = attempt;
      this.#begunMs = this.parts.clock.nowMs();
    }
    const outcome = withCause(this.parts.context, () => this.#perform(step));
    this.#steps.set(key, outcome);
    return outcome;
  }

  abort(): void {
    const { stop, task, handler } = this.parts;
    if (stop.signal.aborted) return;
    stop.abort(coded('TASK_ABORTED', { id: task, task: handler.name }));
    this.#session?.abort();
  }

  /** False when there is nothing to be ended. */
  kill(reason: string): boolean {
    if (this.#unsettled === 0 || this.#isKilled) return false;
    this.#isKilled = true;
    this.#session?.kill(reason);
    return true;
  }

  /** The executor is free for others; what it came to stays known. */
  async close(): Promise<void> {
    await this.#session?.close();
  }

  /** Nobody will ask for it again. */
  async forget(): Promise<void> {
    this.parts.over.abort(coded('TASK_NOT_FOUND'));
    await this.close();
  }

  report(): RunReport {
    const { task, hooks, clock } = this.parts;
    const elapsedMs = this.#attempt === 0 ? 0 : clock.nowMs() - this.#begunMs;
    return { task, attempt: this.#attempt, elapsedMs, output: this.#output.text ?? '', hooks };
  }

  async #perform(step: Step): Promise<RunOutcome> {
    this.#unsettled += 1;
    try {
      const session = await this.#sessionFor(step);
      const outcome = this.#checked(await session[step]());
      await this.parts.context.settled();
      return outcome;
    } catch (error) {
      return { kind: 'threw', failure: toRunFailure(error) };
    } finally {
      this.#unsettled -= 1;
    }
  }

  async #sessionFor(step: Step): Promise<TaskSession> {
    const session = this.#session;
    if (session === null) throw new Error(`Run ${this.fence} has no executor`);
    if (step === 'run' || session.isAlive) return session;
    await session.close();
    const { signal } = new AbortController(); // the task's own has fired by now
    try {
      this.#session = await this.parts.open(this.#assignment(true), signal);
    } catch (error) {
      throw new Error(`there is no executor for it: ${messageOf(error)}`, { cause: error });
    }
    return this.#session;
  }

  /** The leader may not have the class, and cannot tell whether a result fits. */
  #checked(outcome: RunOutcome): RunOutcome {
    const { resultValidator } = this.parts.handler;
    if (outcome.kind !== 'returned' || resultValidator === null) return outcome;
    const errors = resultValidator.validate(outcome.value);
    if (errors === null) return outcome;
    return { kind: 'threw', failure: toRunFailure(coded('TASK_RESULT_INVALID', {}, errors)) };
  }

  #assignment(isSubtask: boolean): TaskAssignment {
    const { handler, args, context } = this.parts;
    const onOutput = (text: string): void => {
      this.#output.add(text);
      context.print(text);
    };
    return { handler, args, context, isSubtask, onOutput };
  }
}
