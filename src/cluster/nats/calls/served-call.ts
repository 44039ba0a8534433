import { onAbort } from '../../../common/index.js';
import type { NodeHandler } from '../../node-calls.js';
import { type CallMessage, sentError } from './call-message.js';

/** What a call has the callee's node do. */
export interface ServedHost {
  send(call: ServedCall, message: CallMessage, body?: unknown): void;
  /** Its handler threw something that tells the caller nothing. */
  faulty(call: ServedCall, error: unknown): void;
  ended(call: ServedCall): void;
}

export interface ServedRequest {
  readonly id: string;
  /** The caller's. */
  readonly node: string;
  readonly channel: string;
  readonly body: unknown;
  readonly leftMs: number | null;
  readonly cause: string | null;
}

/** A call of another node that this one answers. Once it is aborted, nothing is answered any more. */
export class ServedCall {
  readonly #abort = new AbortController();
  #granted = 0;
  #sent = 0;
  #isStream = false;
  #wake: (() => void) | null = null;

  constructor(
    readonly request: ServedRequest,
    private readonly host: ServedHost,
  ) {}

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(reason: unknown): void {
    this.#abort.abort(reason);
    this.#wake?.();
    this.host.ended(this);
  }

  /** The caller takes so many items in all. */
  grant(items: number): void {
    this.#granted = Math.max(items, this.#granted);
    this.#wake?.();
  }

  /** How many items were sent; null when it is no stream, or not yet. */
  get position(): number | null {
    return this.#isStream ? this.#sent : null;
  }

  async run(handler: NodeHandler, onLate: () => unknown): Promise<void> {
    const { id, node, body, cause, leftMs } = this.request;
    const { signal } = this;
    const timer = leftMs === null ? undefined : setTimeout(() => this.abort(onLate()), leftMs);
    const forget = onAbort(signal, () => clearTimeout(timer));
    try {
      const result = await handler(body, { node, signal, cause });
      clearTimeout(timer);
      if (isAsyncIterable(result)) await this.#stream(result);
      else if (!signal.aborted) this.host.send(this, { k: 'answer', id }, result ?? null);
    } catch (error) {
      clearTimeout(timer);
      this.#fail(error);
    } finally {
      forget();
      this.host.ended(this);
    }
  }

  #fail(error: unknown): void {
    if (this.signal.aborted) return;
    const { id } = this.request;
    const sent = sentError(error);
    this.host.faulty(this, error);
    this.host.send(this, { k: 'error', id, error: sent });
  }

  /** No further than the caller asked for; the producer is told when he asks for no more. */
  async #stream(items: AsyncIterable<unknown>): Promise<void> {
    const { signal } = this;
    const { id } = this.request;
    const producer = items[Symbol.asyncIterator]();
    const forget = onAbort(signal, () => void stop(producer));
    if (signal.aborted) return;
    this.#isStream = true;
    this.host.send(this, { k: 'stream', id });
    try {
      while (await this.#mayGoOn()) {
        const next = await producer.next();
        if (this.#isOver) return;
        if (next.done === true) {
          this.host.send(this, { k: 'end', id, n: this.#sent + 1 });
          return;
        }
        this.#sent += 1;
        this.host.send(this, { k: 'item', id, n: this.#sent }, next.value ?? null);
      }
    } catch (error) {
      void stop(producer);
      throw error;
    } finally {
      forget();
    }
  }

  get #isOver(): boolean {
    return this.signal.aborted;
  }

  /** False when nobody takes any more. */
  async #mayGoOn(): Promise<boolean> {
    while (this.#sent >= this.#granted && !this.#isOver) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
    return !this.#isOver;
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

async function stop(producer: AsyncIterator<unknown>): Promise<void> {
  try {
    await producer.return?.();
  } catch {
    // nobody waits for it
  }
}
