import { coded, Errno, leastLength, RpcException, stringifyWithin } from '../../common/index.js';
import type { ResultStream } from '../../rpc/index.js';

export type StreamChunk =
  | { readonly kind: 'fragment'; readonly seqno: number; readonly items: readonly unknown[] }
  | { readonly kind: 'end'; readonly seqno: number };

export interface StreamOptions {
  /** Most items in one fragment. */
  readonly burst: number;
  /** Most bytes of the items of one fragment; without it as many as the contract says. */
  readonly fragmentBytes?: number;
  /** Every chunk stays readable until the call is aborted. */
  readonly isView: boolean;
}

/** The contract's. */
const MAX_FRAGMENT_BYTES = 4 * 1_024 * 1_024;
/** Of one character, written as `\u0001`. */
const MOST_BYTES = 6;
const MAX_WAITING = 16;
const LINGER_MS = 10;

/**
 * A result on its way to a client, fragment by fragment, each pulled only when the client asks for
 * it: the producer is never further ahead than the fragment under way.
 */
export class CallStream {
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  readonly #kept: (readonly unknown[])[] = [];
  #produced = 0;
  #waiting = 0;
  #isDone = false;
  /** An item that was asked for and did not come in time for its fragment. */
  #late: Promise<IteratorResult<unknown>> | null = null;
  /** An item that did not fit into the fragment before. */
  #tooMuch: IteratorResult<unknown> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly stream: ResultStream,
    private readonly options: StreamOptions,
  ) {}

  /** More requests wait for their turn than any honest client sends ahead. */
  get isOverloaded(): boolean {
    return this.#waiting >= MAX_WAITING;
  }

  get isView(): boolean {
    return this.options.isView;
  }

  /**
   * The chunk of that number; requests are served in the order they come.
   *
   * @throws RpcException EINVAL for a number that is not next (nor kept); whatever the producer throws
   */
  take(seqno: number): Promise<StreamChunk> {
    this.#waiting += 1;
    const chunk = this.#turn
      .then(() => this.#take(seqno))
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#turn = chunk.catch(() => undefined);
    return chunk;
  }

  /** Ends the producer; its `finally` runs. Never rejects: nobody is left to be told. */
  async dispose(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    try {
      await this.#iterator?.return?.();
    } catch {
      // the call is over, and its producer's last words change nothing for anybody
    }
  }

  async #take(seqno: number): Promise<StreamChunk> {
    const kept = this.options.isView ? this.#kept[seqno - 1] : undefined;
    if (kept !== undefined) return { kind: 'fragment', seqno, items: kept };
    const next = this.#produced + 1;
    if (seqno !== next) {
      throw new RpcException(
        Errno.EINVAL,
        `Invalid sequence number ${seqno}: the next one is ${next}`,
      );
    }
    const items = await this.#pull();
    if (items.length === 0) return { kind: 'end', seqno };
    this.#produced = seqno;
    if (this.options.isView) this.#kept.push(items);
    return { kind: 'fragment', seqno, items };
  }

  /** Not in the constructor, because it runs the producer's code, which may throw. */
  #start(): Iterator<unknown> | AsyncIterator<unknown> {
    const { items } = this.stream;
    return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  }

  /** Up to a burst of items; fewer when the producer pauses, so that a slow stream is live too. */
  async #pull(): Promise<unknown[]> {
    const items: unknown[] = [];
    const pause = new Pause();
    let bytes = 0;
    try {
      while (!this.#isDone && items.length < this.options.burst) {
        const next = await this.#next(items.length === 0 ? null : pause);
        if (next === null) break;
        if (next.done === true) {
          this.#isDone = true;
          break;
        }
        bytes += this.#bytesOf(next.value);
        if (bytes > this.#fragmentBytes && items.length > 0) {
          this.#tooMuch = next;
          break;
        }
        items.push(next.value);
      }
    } finally {
      pause.end();
    }
    this.stream.check(items);
    return items;
  }

  get #fragmentBytes(): number {
    return this.options.fragmentBytes ?? MAX_FRAGMENT_BYTES;
  }

  /**
   * Of an item's text; of one so small that a whole burst of its like fits, a guess that is not too low.
   *
   * @throws RpcException EOVERFLOW for an item that fits into no fragment
   */
  #bytesOf(item: unknown): number {
    const limit = this.#fragmentBytes;
    const tooLarge = (): Error => coded('FRAGMENT_TOO_LARGE', { limit });
    const least = leastLength(item, limit);
    if (least * MOST_BYTES <= limit / this.options.burst) return least * MOST_BYTES;
    return Buffer.byteLength(stringifyWithin(item, limit, tooLarge)) + 1;
  }

  /** The next item; null when it is not there before the pause is over: then the next pull gets it. */
  async #next(pause: Pause | null): Promise<IteratorResult<unknown> | null> {
    if (this.#tooMuch !== null) {
      const kept = this.#tooMuch;
      this.#tooMuch = null;
      return kept;
    }
    const iterator = (this.#iterator ??= this.#start());
    const next = this.#late ?? iterator.next();
    if (!(next instanceof Promise)) return next;
    this.#late = next;
    next.catch(() => undefined); // it may fail while nobody pulls; the next pull hears of it
    const result = await (pause === null ? next : Promise.race([next, pause.isOver()]));
    if (result !== null) this.#late = null;
    return result;
  }
}

/** How long items are waited for that would go out with the first of a fragment. */
class Pause {
  #timer: NodeJS.Timeout | undefined;
  #over: Promise<null> | null = null;

  isOver(): Promise<null> {
    this.#over ??= new Promise((resolve) => {
      this.#timer = setTimeout(() => resolve(null), LINGER_MS);
    });
    return this.#over;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
