import { coded, deferred } from '../../common/index.js';

/** How a call reaches the client that is to answer it, and the table that it is found in. */
export interface OutgoingCallPort {
  /** The call is over: no later frame concerns it. */
  ended(): void;
  sendAbort(): void;
  sendContinue(seqno: number): void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * One call of the server's that a client is to answer:
 *
 *     waiting ──response──▶ over            waiting ──error, close──▶ over
 *        └──fragment, end──▶ streaming ──end, error, abort──▶ over
 *
 * `outcome` settles when `waiting` ends: with the response, or with the items of the stream, of
 * which the next fragment is asked for when the last item of the one before has been taken.
 */
export class OutgoingCall {
  readonly #answer = deferred<unknown>();
  #stream: RemoteItems | null = null;
  #isOver = false;

  constructor(private readonly port: OutgoingCallPort) {}

  get outcome(): Promise<unknown> {
    return this.#answer.promise;
  }

  respond(value: unknown): void {
    if (this.#stream !== null) {
      this.refuse('a response amid a stream');
      return;
    }
    this.#finish();
    this.#answer.resolve(value);
  }

  take(args: unknown): void {
    const { seqno, fragment } = (args ?? {}) as Readonly<Record<string, unknown>>;
    const stream = this.#stream;
    const expected = stream?.nextSeqno ?? 1;
    if (stream?.isWaiting === false) {
      this.refuse('a fragment that was not asked for');
    } else if (seqno !== expected || !Array.isArray(fragment)) {
      this.refuse(`it is not fragment ${expected}`);
    } else if (stream === null) {
      this.#open().push(fragment);
    } else {
      stream.push(fragment);
    }
  }

  end(seqno: unknown): void {
    const stream = this.#stream;
    if (seqno !== (stream?.nextSeqno ?? 1)) {
      this.refuse('an end that does not follow the last fragment');
      return;
    }
    this.#finish();
    (stream ?? this.#open()).push(null);
  }

  /** The client's last word: there is nothing to abort. */
  fail(error: Error): void {
    this.#finish();
    if (this.#stream === null) this.#answer.reject(error);
    else this.#stream.fail(error);
  }

  /** Nobody waits for the answer any more; the client is told. */
  cancel(error: Error): void {
    if (this.#isOver) return;
    this.port.sendAbort();
    this.fail(error);
  }

  refuse(reason: string): void {
    this.cancel(coded('SERVICE_ANSWER_INVALID', { reason }));
  }

  #open(): RemoteItems {
    this.#stream = new RemoteItems(
      (seqno) => this.port.sendContinue(seqno),
      () => this.cancel(coded('CALL_CANCELED')),
    );
    this.#answer.resolve(this.#stream);
    return this.#stream;
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.port.ended();
  }
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** The items of a client's stream; read once, one reader at a time. */
class RemoteItems implements AsyncIterableIterator<unknown> {
  #items: readonly unknown[] = [];
  #index = 0;
  #seqno = 0;
  #waiter: Waiter | null = null;
  #end: 'open' | 'drained' | Error = 'open';

  constructor(
    private readonly ask: (seqno: number) => void,
    private readonly abandon: () => void,
  ) {}

  get nextSeqno(): number {
    return this.#seqno + 1;
  }

  get isWaiting(): boolean {
    return this.#waiter !== null;
  }

  /** A fragment that came, or null for the end. */
  push(fragment: readonly unknown[] | null): void {
    if (fragment === null) {
      this.#end = 'drained';
    } else {
      this.#seqno += 1;
      this.#items = fragment;
      this.#index = 0;
    }
    this.#takeWaiter()?.resolve();
  }

  fail(error: Error): void {
    this.#end = error;
    this.#takeWaiter()?.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown>> {
    // a loop, for a client may send fragments without items
    while (this.#index >= this.#items.length) {
      if (this.#end === 'drained') return DONE;
      if (this.#end !== 'open') throw this.#end;
      await this.#more();
    }
    return { done: false, value: this.#items[this.#index++] };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface wants a promise
  async return(): Promise<IteratorResult<unknown>> {
    this.#items = [];
    if (this.#end !== 'open') return DONE;
    this.abandon();
    this.#end = 'drained';
    return DONE;
  }

  #more(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.ask(this.#seqno + 1);
    });
  }

  /** Nothing is asked for from now on, and not only when the reader has its turn. */
  #takeWaiter(): Waiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    return waiter;
  }
}
