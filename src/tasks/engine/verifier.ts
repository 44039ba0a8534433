import {
  abortable,
  coded,
  deferred,
  Errno,
  isThenable,
  VerifyException,
} from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { Claim, Claims, Logger, Task, TaskContext, TaskDescription } from '../../sdk/index.js';
import type { TaskHandler } from '../task-handler.js';

/** What `verify` and `describe` say of a task. */
export interface Verdict {
  readonly claims: Claims;
  readonly description: TaskDescription | null;
}

export interface VerifierDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeoutMs: number;
}

/** Asks a task, in the server's process, what it claims and what it is about to do. */
export class Verifier {
  constructor(private readonly dependencies: VerifierDependencies) {}

  /**
   * The resources that verify had are released before anybody hears of the verdict, whatever it is.
   *
   * @throws (rejects with) whatever `verify` throws; RpcException EINVAL when it gives no list of
   *   claims, ETIMEDOUT when it takes too long, the signal's reason when that fires first
   */
  async verify(
    handler: TaskHandler,
    args: readonly unknown[],
    context: TaskContext,
  ): Promise<Verdict> {
    const resources = handler.acquire(context);
    try {
      const task = await handler.create(context, resources);
      const answer = callOf(task, 'verify')(...args);
      // what is there at once needs nobody to watch over it
      if (!isThenable(answer) && task.describe === undefined) return verdictOf(answer, handler);
      const verdict = this.#conclude(task, handler, { args, answer });
      return await this.#bounded(verdict, context.signal);
    } finally {
      await resources.release();
    }
  }

  async #conclude(
    task: Task,
    handler: TaskHandler,
    { args, answer }: { readonly args: readonly unknown[]; readonly answer: unknown },
  ): Promise<Verdict> {
    const claims = toClaims(await answer, handler.name);
    return { claims, description: await this.#describe(task, handler, args) };
  }

  /** A description is for people: one that cannot be had is no reason to fail. */
  async #describe(
    task: Task,
    { name, earlyDescribe }: TaskHandler,
    args: readonly unknown[],
  ): Promise<TaskDescription | null> {
    try {
      if (task.describe === undefined) return toDescription(earlyDescribe);
      return toDescription(await callOf(task, 'describe')(...args));
    } catch (error) {
      this.dependencies.logger.warn(`Task ${name} could not describe itself`, { error });
      return toDescription(earlyDescribe);
    }
  }

  async #bounded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock, timeoutMs } = this.dependencies;
    const timeout = deferred<never>();
    const cancel = clock.after(timeoutMs, () =>
      timeout.reject(coded('TASK_VERIFY_TIMEOUT', { seconds: timeoutMs / 1_000 })),
    );
    try {
      return await abortable(Promise.race([work, timeout.promise]), signal);
    } finally {
      cancel();
    }
  }
}

function verdictOf(answer: unknown, { name, earlyDescribe }: TaskHandler): Verdict {
  return { claims: toClaims(answer, name), description: toDescription(earlyDescribe) };
}

export function toDescription(described: unknown): TaskDescription | null {
  if (typeof described === 'string') return { message: described };
  if (typeof described !== 'object' || described === null) return null;
  if (!('message' in described) || typeof described.message !== 'string') return null;
  return described as TaskDescription;
}

/** The methods take what `@accepts` says, which is checked, not typed. */
function callOf(
  task: Task,
  method: 'verify' | 'describe',
): (...args: readonly unknown[]) => unknown {
  const methods = task as unknown as Partial<Record<string, (...args: unknown[]) => unknown>>;
  return (...args) => {
    if (typeof methods[method] !== 'function') throw new TypeError(`There is no method ${method}`);
    return methods[method](...args);
  };
}

function toClaims(answer: unknown, task: string): Claims {
  if (Array.isArray(answer) && answer.every(isClaim)) return answer;
  throw new VerifyException(
    Errno.EINVAL,
    `verify of task ${task} must return a list of resource names or { resource, mode }`,
  );
}

function isClaim(value: unknown): value is Claim {
  if (typeof value === 'string') return value !== '';
  if (typeof value !== 'object' || value === null) return false;
  const { resource, mode } = value as { resource?: unknown; mode?: unknown };
  return (
    typeof resource === 'string' && resource !== '' && (mode === 'shared' || mode === 'exclusive')
  );
}
