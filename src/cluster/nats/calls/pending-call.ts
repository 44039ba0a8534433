import { AsyncQueue, coded, deferred } from '../../../common/index.js';

/** How many items of a stream may be on their way. */
const STREAM_WINDOW = 64;
const HALF = STREAM_WINDOW / 2;

/** What a pending call has its caller's node do. */
export interface PendingHost {
  /** The callee may send as many items as are granted by now. */
  more(call: PendingCall): void;
  /** The caller takes no more. */
  abandoned(call: PendingCall): void;
  /** There is nothing more to come. */
  ended(call: PendingCall): void;
}

export interface PendingRequest {
  readonly id: string;
  readonly node: string;
  /** Of the callee's start. */
  readonly boot: string;
  /** Of the message that asks for it. */
  readonly text: string;
}

/** A call of this node that another one answers. */
export class PendingCall {
  readonly id: string;
  readonly node: string;
  readonly boot: string;
  readonly text: string;
  /** Whether the callee may know of it. */
  isKnown = false;
  /** Since when the callee was asked and did not hear, by the clock of `performance.now()`. */
  unheardSinceMs: number | null = null;
  /** How many items the callee may send in all. */
  granted = 0;
  onEnd: (() => void) | null = null;
  readonly #answer = deferred<unknown>();
  #items: AsyncQueue<unknown> | null = null;
  #received = 0;
  #hasEnded = false;

  constructor(
    { id, node, boot, text }: PendingRequest,
    private readonly host: PendingHost,
  ) {
    this.id = id;
    this.node = node;
    this.boot = boot;
    this.text = text;
  }

  get answer(): Promise<unknown> {
    return this.#answer.promise;
  }

  answered(body: () => unknown): void {
    this.#end();
    try {
      this.#answer.resolve(body());
    } catch (error) {
      this.#answer.reject(error);
    }
  }

  failed(error: unknown): void {
    this.#end();
    this.#answer.reject(error);
    this.#items?.end(error as Error);
  }

  /** Fails at once: what came and was not taken is dropped. */
  broken(error: unknown): void {
    this.#items?.fail(error as Error);
    this.failed(error);
  }

  streamed(): void {
    if (this.#items !== null) return;
    this.#items = new AsyncQueue();
    this.#answer.resolve({ [Symbol.asyncIterator]: () => this.#iterator() });
  }

  item(n: number, body: () => unknown): void {
    this.#received += 1;
    if (n !== this.#received) {
      this.#lostItems();
      return;
    }
    try {
      this.#items?.push(body());
    } catch (error) {
      this.host.abandoned(this);
      this.broken(error);
    }
  }

  itemsEnded(n: number): void {
    if (n !== this.#received + 1) {
      this.#lostItems();
      return;
    }
    this.#end();
    this.#items?.end();
  }

  /** So many items were sent, all of which should be here. */
  isAt(n: number): void {
    this.streamed(); // to hear that it is a stream may be what was missed
    if (n !== this.#received) this.#lostItems();
  }

  #lostItems(): void {
    this.host.abandoned(this);
    this.broken(coded('NODE_ANSWER_LOST', { node: this.node }));
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.host.ended(this);
  }

  #iterator(): AsyncIterator<unknown> {
    let taken = 0;
    let isOver = false;
    const over = (): IteratorReturnResult<undefined> => {
      isOver = true;
      return { done: true, value: undefined };
    };
    return {
      next: async () => {
        if (isOver) return over();
        if (taken === 0) this.#more(STREAM_WINDOW);
        try {
          const value = await this.#items?.next(); // an item is null at the least
          if (value === undefined) return over();
          taken += 1;
          if (taken % HALF === 0) this.#more(HALF);
          return { done: false, value };
        } catch (error) {
          isOver = true;
          throw error;
        }
      },
      return: () => {
        if (!this.#hasEnded) this.host.abandoned(this);
        this.#end();
        this.#items?.revise(() => []);
        this.#items?.end();
        return Promise.resolve(over());
      },
    };
  }

  #more(items: number): void {
    this.granted += items;
    if (!this.#hasEnded) this.host.more(this);
  }
}
