import type { CallOptions } from '../calls.js';
import { Errno } from '../../common/portable.js';
import { DispatcherClientError } from '../client-error.js';
import { followTask } from './follow-task.js';
import { isLostConnection, type TaskCaller } from './task-caller.js';
import type { SubmitOptions, TaskRow, TaskUpdate } from './task-types.js';

/**
 * Tasks of the server: long work that is queued, locked and kept.
 *
 * @example
 * const id = await client.tasks.submit('volume.create', [{ name: 'tank' }]);
 * for await (const update of client.tasks.follow(id)) {
 *   if (update.kind === 'progress') bar.set(update.percentage);
 * }
 */
export class TaskClient {
  constructor(private readonly client: TaskCaller) {}

  /**
   * Submits a task; resolves with its id when the server has it on disk.
   *
   * @throws DispatcherClientError EINVAL for arguments that fail the task's schema, EACCES without
   *   the role, EEXIST when the key stands for another task
   */
  submit(
    name: string,
    args: readonly unknown[] = [],
    options: SubmitOptions = {},
  ): Promise<number> {
    const { environment, idempotencyKey, signal } = options;
    if (environment === undefined && idempotencyKey === undefined) {
      return this.client.call('task.submit', [name, args], { signal });
    }
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    return this.client.call('task.submit_with_env', [name, args, { ...environment, ...key }], {
      signal,
    });
  }

  /** The row of a task. @throws DispatcherClientError ENOENT when there is none of that id */
  status<Result = unknown>(id: number, options?: CallOptions): Promise<TaskRow<Result>> {
    return this.client.call('task.status', [id], options);
  }

  /**
   * Resolves with the row when the task has ended, at once if it has. Lives through lost connections.
   *
   * @throws DispatcherClientError ENOENT when there is no such task; ECANCELED, ETIMEDOUT
   */
  async wait<Result = unknown>(
    id: number,
    { signal, timeoutMs }: CallOptions = {},
  ): Promise<TaskRow<Result>> {
    const limit = timeoutMs == null ? null : AbortSignal.timeout(timeoutMs);
    const stop = AbortSignal.any([limit, signal].filter((one) => one != null));
    for (;;) {
      try {
        await this.client.ready(stop);
        return await this.client.call('task.wait', [id], { signal: stop, timeoutMs: null });
      } catch (error) {
        if (limit?.aborted === true) throw notEnded(id, timeoutMs ?? 0);
        if (!isLostConnection(error) || this.client.state.kind === 'closed') throw error;
      }
    }
  }

  /**
   * Submits a task and waits for its result.
   *
   * @throws DispatcherClientError what the task failed with; ECANCELED when it was aborted
   */
  async run<Result = unknown>(
    name: string,
    args: readonly unknown[] = [],
    options: SubmitOptions = {},
  ): Promise<Result> {
    const id = await this.submit(name, args, options);
    return resultOf<Result>(await this.wait<Result>(id, { signal: options.signal }));
  }

  /**
   * What happens to a task from now on, the end included, which is the last. Lives through lost
   * connections. Leaving the loop stops the following, not the task.
   */
  follow<Result = unknown>(
    id: number,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<TaskUpdate<Result>, void, undefined> {
    return followTask<Result>(this.client, id, options);
  }

  /** Tells a task to stop; true when it will end because of that, false when it is too late. */
  abort(id: number, options?: CallOptions): Promise<boolean> {
    return this.client.call('task.abort', [id], options);
  }

  /**
   * Tasks, present and past, by the server's query language.
   *
   * @example
   * await client.tasks.query([['state', 'in', ['WAITING', 'EXECUTING']]], { sort: '-id', limit: 20 });
   */
  query(
    filter: readonly unknown[] | null = null,
    params: Readonly<Record<string, unknown>> | null = null,
  ): Promise<readonly TaskRow[]> {
    return this.client.call('task.query', [filter, params]);
  }
}

/** The result of a task that has ended. @throws DispatcherClientError what it failed with */
function resultOf<Result>({ id, name, state, result, error }: TaskRow<Result>): Result {
  if (state === 'FINISHED') return result as Result;
  const code = error?.code ?? (state === 'ABORTED' ? Errno.ECANCELED : Errno.EFAULT);
  const message = error?.message ?? `Task ${id} (${name}) is ${state}`;
  throw new DispatcherClientError(code, message, error?.extra);
}

function notEnded(id: number, timeoutMs: number): DispatcherClientError {
  return new DispatcherClientError(
    Errno.ETIMEDOUT,
    `Task ${id} did not end within ${timeoutMs} ms; it goes on`,
  );
}
