import type { Sender } from '../sdk/index.js';

/** A task to be done, and for whom. */
export interface SubmitRequest {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly sender: Sender;
  readonly environment?: Readonly<Record<string, unknown>>;
  /** A `readOnly` property in the arguments is an error instead of being dropped. */
  readonly isStrict?: boolean;
}

/** Where tasks are handed in and asked after. */
export interface TaskSubmitter {
  /**
   * Resolves with the task's id once its row is on disk.
   *
   * @throws (rejects with) RpcException EINVAL for an unknown task or arguments that do not fit,
   *   EACCES, EEXIST for an idempotency key that stands for something else, EIO or ENOSPC when the
   *   store cannot be written
   */
  submit(request: SubmitRequest): Promise<number>;
  /**
   * What the task's run returned, once it has ended.
   *
   * @throws (rejects with) RpcException with the code and message that it failed with; ENOENT
   */
  resultOf(id: number): Promise<unknown>;
}
