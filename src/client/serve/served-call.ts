import { deferred, Errno, messageOf, type WireError } from '../../common/portable.js';
import { DispatcherClientError } from '../client-error.js';
import type { Wire } from '../wire.js';

/** Who calls, as the server says it. */
export interface CallSender {
  readonly user: string | null;
  readonly roles: readonly string[];
  readonly address: string | null;
  readonly session: number | null;
  /** The task that the call comes out of; not there when it comes out of none. */
  readonly task?: number;
  /** The id of what the call was made because of. */
  readonly cause?: string;
}

/** What a method is told beside its arguments. */
export interface ServedCall {
  /** Without the name of the service. */
  readonly method: string;
  readonly sender: CallSender;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Of the items of a stream that travel together. */
const MAX_ITEMS = 256;
/** How long the first of them waits for the others. */
const GATHER_MS = 5;

/**
 * The answer to one call of the server's: a response, an error, or fragments of a stream, of which each
 * is sent when the one before was taken.
 */
export class Answer {
  readonly #stop = new AbortController();
  #wanted = deferred<undefined>();
  #seqno = 0;

  constructor(
    private readonly wire: Wire,
    private readonly id: string | number,
  ) {}

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Resolves when the last frame of the answer was sent, or nobody wants it any more; never rejects. */
  async give(run: () => unknown): Promise<void> {
    try {
      const value = await run();
      if (this.signal.aborted) await endQuietly(value);
      else if (isAsyncIterable(value)) await this.#stream(value);
      else this.wire.answer('response', this.id, value ?? null);
    } catch (error) {
      if (!this.signal.aborted) this.#fail(error);
    }
  }

  /** The next fragment is asked for. */
  proceed(): void {
    this.#wanted.resolve(undefined);
  }

  abort(reason: Error): void {
    this.#stop.abort(reason);
    this.#wanted.resolve(undefined);
  }

  async #stream(items: AsyncIterable<unknown>): Promise<void> {
    for await (const fragment of gathered(items)) {
      this.#seqno += 1;
      this.#wanted = deferred<undefined>();
      this.wire.answer('fragment', this.id, { seqno: this.#seqno, fragment });
      await this.#wanted.promise;
      if (this.signal.aborted) return; // leaving the loop ends the producer
    }
    this.wire.answer('end', this.id, this.#seqno + 1);
  }

  #fail(error: unknown): void {
    try {
      this.wire.refuse(this.id, toWireError(error));
    } catch (cause) {
      this.wire.refuse(this.id, { code: Errno.EFAULT, message: messageOf(cause) }); // its extra has no JSON form
    }
  }
}

/** Items that come one right after the other, together; the producer is asked for one at a time. */
async function* gathered(items: AsyncIterable<unknown>): AsyncGenerator<unknown[], void> {
  const iterator = items[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<unknown>> | null = null;
  try {
    for (;;) {
      const first = await (next ?? iterator.next());
      next = null;
      if (first.done === true) return;
      const fragment = [first.value];
      const until = Date.now() + GATHER_MS;
      while (fragment.length < MAX_ITEMS && Date.now() < until) {
        next = iterator.next();
        const more = await Promise.race([next, pause()]);
        if (more === null || more.done === true) break;
        fragment.push(more.value);
        next = null;
      }
      yield fragment;
    }
  } finally {
    next?.catch(() => undefined);
    await iterator.return?.();
  }
}

/** Longer than a producer takes that has its items at hand. */
function pause(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), 0));
}

async function endQuietly(value: unknown): Promise<void> {
  if (isAsyncIterable(value)) await value[Symbol.asyncIterator]().return?.();
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Code, message and `extra` of an error that is meant for callers; of any other the message alone. */
function toWireError(error: unknown): Omit<WireError, 'name'> {
  if (error instanceof DispatcherClientError) return error;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  const isNumber = typeof code === 'number' && Number.isInteger(code) && code > 0;
  const { extra } = (error ?? {}) as { readonly extra?: unknown };
  if (!isNumber) return { code: Errno.EFAULT, message: messageOf(error) };
  return { code, message: messageOf(error), ...(extra != null && { extra }) };
}
