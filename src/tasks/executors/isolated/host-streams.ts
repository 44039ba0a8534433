import { asked, type ExposedMethods } from './exposed-methods.js';

/** Items sent at once, of a stream whose producer may go ahead of its reader. */
const BATCH = 32;

type Source = AsyncIterable<unknown>;

/** What a reader is sent: some items, and whether there are no more. */
export interface StreamPart {
  readonly items: readonly unknown[];
  readonly isLast: boolean;
}

export function isStream(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Marks a stream as one of rows that are there: they are sent in batches. */
export class BatchedStream implements Source {
  constructor(readonly source: Source) {}

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this.source[Symbol.asyncIterator]();
  }
}

/**
 * Streams that a task reads over the process boundary: nothing is produced that was not asked for,
 * apart from the rest of a batch.
 */
export class HostStreams {
  readonly #open = new Map<number, { iterator: AsyncIterator<unknown>; batch: number }>();
  #next = 0;

  /** Returns its number. */
  add(source: Source): number {
    this.#next += 1;
    const batch = source instanceof BatchedStream ? BATCH : 1;
    this.#open.set(this.#next, { iterator: source[Symbol.asyncIterator](), batch });
    return this.#next;
  }

  get target(): ExposedMethods {
    return new Map([
      ['next', asked((number: number) => this.#read(number))],
      ['return', asked((number: number) => this.#return(number))],
    ]);
  }

  end(): void {
    for (const number of [...this.#open.keys()]) this.#return(number).catch(() => undefined);
  }

  async #read(number: number): Promise<StreamPart> {
    const items: unknown[] = [];
    const stream = this.#open.get(number);
    if (stream === undefined) return { items, isLast: true };
    try {
      while (items.length < stream.batch) {
        const next = await stream.iterator.next();
        if (next.done === true) {
          this.#open.delete(number);
          return { items, isLast: true };
        }
        items.push(next.value);
      }
      return { items, isLast: false };
    } catch (error) {
      this.#open.delete(number);
      throw error;
    }
  }

  async #return(number: number): Promise<void> {
    const stream = this.#open.get(number);
    this.#open.delete(number);
    await stream?.iterator.return?.();
  }
}
