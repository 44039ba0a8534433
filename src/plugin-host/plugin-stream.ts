import { coded } from '../common/index.js';
import type { Call, ResultStream } from '../rpc/index.js';
import type { CallerScope } from './caller-scope.js';
import { copyValue } from './value-copy.js';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * What a plugin's `callSync` gives for a `@generator()` method: its items, each produced when it is
 * asked for. It can be read once. From the first item on it is in the plugin's undo stack, so that a
 * producer does not outlive the plugin that reads from it.
 *
 * No async generator, whose `return` would wait for the item under way, which may never come.
 */
export class PluginStream implements AsyncIterableIterator<unknown> {
  #producer: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  #isOver = false;

  constructor(
    private readonly stream: ResultStream,
    private readonly call: Call,
    private readonly scope: CallerScope,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws RpcException what the producer threw, as a client would be told it */
  async next(): Promise<IteratorResult<unknown>> {
    if (this.#isOver) return DONE;
    this.scope.assertOpen();
    try {
      const next = await this.#start().next();
      if (next.done === true || this.#hasEnded()) return this.#finish();
      this.stream.check([next.value]);
      return { done: false, value: copyValue(next.value) };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  /** Ends the producer: its signal fires and its `finally` runs. */
  async return(): Promise<IteratorResult<unknown>> {
    if (this.#isOver) return DONE;
    this.#finish();
    this.call.abort(coded('CALL_CANCELED'));
    await this.#producer?.return?.();
    return DONE;
  }

  #start(): Iterator<unknown> | AsyncIterator<unknown> {
    if (this.#producer !== null) return this.#producer;
    const { items } = this.stream;
    this.#producer =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.scope.undoStack.add('stream', this, () => this.#abandon());
    return this.#producer;
  }

  /** A method, for the field may have changed while an item was awaited. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  /** Unloading does not wait for somebody else's `finally`, nor care what it throws. */
  #abandon(): void {
    this.return().catch(() => undefined);
  }

  #finish(): IteratorReturnResult<undefined> {
    this.#isOver = true;
    this.scope.undoStack.take('stream', this);
    return DONE;
  }
}
