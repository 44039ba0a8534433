import { Errno, RpcException } from '../common/index.js';
import type { ResultStream } from '../rpc/index.js';

export type StreamChunk =
  | { readonly kind: 'fragment'; readonly seqno: number; readonly items: readonly unknown[] }
  | { readonly kind: 'end'; readonly seqno: number };

export interface StreamOptions {
  /** Most items in one fragment. */
  readonly burst: number;
  /** Every chunk stays readable until the call is aborted. */
  readonly isView: boolean;
}

/**
 * A result on its way to a client, fragment by fragment, each pulled only when the client asks for
 * it: the producer is never further ahead than the fragment under way.
 */
export class CallStream {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #kept: (readonly unknown[])[] = [];
  #produced = 0;
  #isDone = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly stream: ResultStream,
    private readonly options: StreamOptions,
  ) {
    const { items } = stream;
    this.#iterator =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
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
    const chunk = this.#turn.then(() => this.#take(seqno));
    this.#turn = chunk.catch(() => undefined);
    return chunk;
  }

  /** Ends the producer; its `finally` runs. Never rejects: nobody is left to be told. */
  async dispose(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    try {
      await this.#iterator.return?.();
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

  async #pull(): Promise<unknown[]> {
    const items: unknown[] = [];
    while (!this.#isDone && items.length < this.options.burst) {
      const next = await this.#iterator.next();
      if (next.done === true) this.#isDone = true;
      else items.push(next.value);
    }
    this.stream.check(items);
    return items;
  }
}
