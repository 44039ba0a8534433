import {
  coded,
  Errno,
  isDispatcherError,
  messageOf,
  RpcException,
  wireCopy,
} from '../common/index.js';
import { type Clock, systemClock } from '../events/index.js';
import type { Claims } from '../sdk/index.js';
import {
  InlineExecutor,
  type RunOutcome,
  type TaskExecutor,
  type RunFailure,
  type TaskHandler,
  type TaskSession,
  type Verdict,
  Verifier,
} from '../tasks/index.js';
import { BenchContext, type BenchTask, type SubtaskRunner } from './bench-context.js';
import type { TaskBench } from './task-bench.js';
import type { TaskReport } from './task-report.js';

const VERIFY_TIMEOUT_MS = 30_000;
const EXECUTOR: TaskExecutor = new InlineExecutor();

type Ending = Pick<TaskReport, 'state' | 'result' | 'error' | 'hasRun' | 'wasRolledBack'>;

const SUBTASKS: SubtaskRunner = {
  start: (bench, task) => new BenchRun(bench, task),
  claims: claimsOf,
};

/** One task on the bench: verify, run, rollback, in the server's order and by its own parts. */
export class BenchRun {
  readonly report: Promise<TaskReport>;
  /** Rejects when the arguments do not fit: the server would have made no task. */
  readonly accepted: Promise<void>;
  readonly #stop = new AbortController();
  readonly #context: BenchContext;
  readonly #name: string;
  #stopReason: 'abort' | 'timeout' | null = null;
  #session: TaskSession | null = null;
  #isOver = false;

  constructor(
    private readonly bench: TaskBench,
    { type, args, id = bench.nextId(), parent = null, request = null }: BenchTask,
  ) {
    this.#name = type.name;
    this.#context = new BenchContext(id, {
      subtasks: SUBTASKS,
      signal: this.#stop.signal,
      bench,
      parent,
      request,
      abort: () => this.abort(),
    });
    const checked = Promise.resolve().then(() => checkedArguments(bench.handlerOf(type), args));
    this.accepted = checked.then(() => undefined);
    this.accepted.catch(() => undefined);
    this.report = checked.then((fitting) => this.#perform(bench.handlerOf(type), fitting));
    this.report.catch(() => undefined);
  }

  /** As `task.abort`: whether the task will end because of it. */
  abort(): boolean {
    if (this.#isOver || this.#stopReason !== null) return !this.#isOver;
    this.#halt('abort', coded('TASK_ABORTED', { id: this.#context.id, task: this.#name }));
    return true;
  }

  /** What the task failed with, as whoever waits for it is told. */
  failure({ code, message, extra }: RunFailure): RpcException {
    return new RpcException(code, message, extra);
  }

  async #perform(handler: TaskHandler, args: readonly unknown[]): Promise<TaskReport> {
    const verdict = await this.#verify(handler, args);
    const isVerified = 'claims' in verdict;
    const ending = isVerified ? await this.#run(handler, args) : verdict;
    this.#isOver = true;
    return {
      ...ending,
      claims: isVerified ? verdict.claims : null,
      description: isVerified ? verdict.description : null,
      progress: this.#context.progress,
      warnings: this.#context.warnings,
      subtasks: await this.#context.subtasks(),
    };
  }

  async #verify(handler: TaskHandler, args: readonly unknown[]): Promise<Verdict | Ending> {
    try {
      return await verifierOf(this.bench).verify(handler, args, this.#context);
    } catch (error) {
      return this.#stoppedOr(failed(failureOf(error), { hasRun: false }));
    }
  }

  async #run(handler: TaskHandler, args: readonly unknown[]): Promise<Ending> {
    if (this.#stopReason !== null) {
      return this.#stoppedOr(failed(failureOf(null), { hasRun: false }));
    }
    const assignment = { handler, args, context: this.#context, isSubtask: false };
    const session = await EXECUTOR.open(
      { ...assignment, onOutput: () => undefined },
      { signal: this.#stop.signal },
    );
    this.#session = session;
    try {
      const outcome = await this.#attempt(handler, session);
      const ending = this.#stoppedOr(judged(handler, outcome));
      this.#isOver = true; // from here on an abort comes too late
      await this.#context.endSubtasks();
      if (ending.state === 'FINISHED' || !handler.hasRollback) return ending;
      return await this.#rolledBack(session, ending);
    } finally {
      await session.close();
    }
  }

  /** Runs, and runs again after failures that may pass. */
  async #attempt(handler: TaskHandler, session: TaskSession): Promise<RunOutcome> {
    const { timeoutMs, retry = { attempts: 1, backoffMs: 0 } } = handler.options;
    for (let attempt = 1; ; attempt += 1) {
      const cancel = timeoutMs === undefined ? null : this.#limit(timeoutMs);
      const outcome = await session.run().finally(() => cancel?.());
      const mayPass = outcome.kind === 'threw' && outcome.failure.isRetryable === true;
      if (!mayPass || attempt >= retry.attempts || this.#stopReason !== null) return outcome;
      await new Promise<void>((resolve) => this.#clock.after(retry.backoffMs, resolve));
    }
  }

  #limit(timeoutMs: number): () => void {
    return this.#clock.after(timeoutMs, () =>
      this.#halt('timeout', coded('TASK_TIMEOUT', { seconds: timeoutMs / 1_000 })),
    );
  }

  async #rolledBack(session: TaskSession, ending: Ending): Promise<Ending> {
    const outcome = await session.rollback();
    if (outcome.kind === 'threw') {
      const { code, message } = outcome.failure;
      this.#context.warn({ code, message: `Rollback failed: ${message}` });
    }
    await this.#context.endSubtasks();
    return { ...ending, wasRolledBack: true };
  }

  #halt(reason: 'abort' | 'timeout', error: Error): void {
    this.#stopReason = reason;
    this.#context.abortSubtasks();
    this.#stop.abort(error);
    this.#session?.abort();
  }

  /** Whatever it came to, a task that was told to stop ends as such. */
  #stoppedOr(ending: Ending): Ending {
    const { hasRun } = ending;
    if (this.#stopReason === 'timeout')
      return failed(failureOf(this.#stop.signal.reason), { hasRun });
    if (this.#stopReason === null) return ending;
    return { ...ending, state: 'ABORTED', result: null, error: null };
  }

  get #clock(): Clock {
    return this.bench.options.clock ?? systemClock;
  }
}

/** What the task claims. @throws (rejects with) whatever its `verify` throws; EINVAL */
export async function claimsOf(
  bench: TaskBench,
  { type, args, parent = null }: BenchTask,
): Promise<Claims> {
  const handler = bench.handlerOf(type);
  const context = parent ?? idleContext(bench);
  const verdict = verifierOf(bench).verify(handler, checkedArguments(handler, args), context);
  return (await verdict).claims;
}

function idleContext(bench: TaskBench): BenchContext {
  const { signal } = new AbortController();
  return new BenchContext(bench.nextId(), {
    subtasks: SUBTASKS,
    signal,
    bench,
    parent: null,
    request: null,
    abort: () => false,
  });
}

function verifierOf({ options, logger }: TaskBench): Verifier {
  const clock = options.clock ?? systemClock;
  return new Verifier({ clock, logger, timeoutMs: VERIFY_TIMEOUT_MS });
}

function checkedArguments(handler: TaskHandler, args: readonly unknown[]): readonly unknown[] {
  const checked = [...args];
  const errors = handler.argumentsValidator?.validate(checked) ?? null;
  if (errors !== null) throw coded('ARGUMENTS_INVALID', {}, errors);
  return checked;
}

function judged(handler: TaskHandler, outcome: RunOutcome): Ending {
  if (outcome.kind === 'threw') return failed(outcome.failure, { hasRun: true });
  if (outcome.kind === 'died') return failed(failureOf(outcome.reason), { hasRun: true });
  try {
    const result = wireCopy(outcome.value);
    const errors = handler.resultValidator?.validate(result) ?? null;
    if (errors !== null) throw coded('TASK_RESULT_INVALID', {}, errors);
    return { state: 'FINISHED', result, error: null, hasRun: true, wasRolledBack: false };
  } catch (error) {
    return failed(failureOf(error), { hasRun: true });
  }
}

function failed(error: RunFailure, { hasRun }: { hasRun: boolean }): Ending {
  return { state: 'FAILED', result: null, error, hasRun, wasRolledBack: false };
}

function failureOf(error: unknown): RunFailure {
  const isOurs = isDispatcherError(error);
  return {
    type: error instanceof Error ? error.name : typeof error,
    code: isOurs ? error.code : Errno.EFAULT,
    message: messageOf(error),
    ...(isOurs && error.extra !== undefined && { extra: error.extra }),
    stacktrace: error instanceof Error ? (error.stack ?? '') : '',
  };
}
