import type { ProgressSlice, TaskContext } from './task-context.js';

/**
 * A subtask that was started; `joinSubtasks` waits for it.
 *
 * @example
 * const copy = this.runSubtask('files.copy', from, to).withProgress(0, 80);
 * const [bytes] = await this.joinSubtasks(copy);
 */
export class SubtaskHandle<T = unknown> {
  /** Rejects when the subtask was refused: an unknown task, arguments that do not fit. */
  readonly id: Promise<number>;
  readonly #context: TaskContext;
  #slice: ProgressSlice | null = null;
  #result: Promise<T> | null = null;

  constructor(context: TaskContext, name: string, args: readonly unknown[]) {
    this.#context = context;
    // a moment later, so that withProgress can be said of it
    this.id = Promise.resolve().then(() =>
      context.startSubtask({ name, args, ...(this.#slice !== null && { slice: this.#slice }) }),
    );
    this.id.catch(() => undefined); // told by join, to whoever asks
  }

  /**
   * Lets the subtask's progress move the parent's between `from` and `to` percent. To be called
   * right where the subtask is started.
   */
  withProgress(from: number, to: number): this {
    this.#slice = { from, to };
    return this;
  }

  /**
   * Waits for the end of the subtask and gives its result.
   *
   * @throws (rejects with) RpcException with the code and message that the subtask failed with
   */
  join(): Promise<T> {
    this.#result ??= this.id.then((id) => this.#context.joinSubtask(id)) as Promise<T>;
    this.#result.catch(() => undefined);
    return this.#result;
  }

  /** Asks the subtask to stop; false when it will not end because of that. */
  async abort(): Promise<boolean> {
    return this.#context.abortSubtask(await this.id);
  }
}
