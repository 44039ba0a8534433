import type { StreamPart } from '../tasks/executor-protocol.js';

/** What a stream asks of the process that it comes from. */
interface StreamLink {
  ask<T>(target: 'stream', method: string, args: readonly unknown[]): Promise<T>;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A stream of the server's, read across the process boundary. It can be read once. */
export class RemoteStream<T = unknown> implements AsyncIterableIterator<T> {
  #items: T[] = [];
  #isLast = false;
  /** Items come in order, also for somebody who asks for several at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly link: StreamLink,
    private readonly number: number,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    const next = this.#last.then(() => this.#read());
    this.#last = next.catch(() => undefined);
    return next;
  }

  async return(): Promise<IteratorResult<T>> {
    if (this.#isLast) return DONE;
    this.#isLast = true;
    this.#items = [];
    await this.link.ask('stream', 'return', [this.number]);
    return DONE;
  }

  async #read(): Promise<IteratorResult<T>> {
    while (this.#items.length === 0 && !this.#isLast) {
      const part = await this.link.ask<StreamPart>('stream', 'next', [this.number]);
      if (this.#hasEnded()) break;
      this.#items = [...part.items] as T[];
      this.#isLast = part.isLast;
    }
    const [item] = this.#items.splice(0, 1);
    return item === undefined && this.#isLast ? DONE : { done: false, value: item as T };
  }

  /** A method, for the field may have changed while an item was awaited. */
  #hasEnded(): boolean {
    return this.#isLast;
  }
}
