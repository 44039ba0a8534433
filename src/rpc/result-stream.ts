import { coded } from '../common/index.js';
import type { Call } from './call.js';

type Items = Iterable<unknown> | AsyncIterable<unknown>;

/** Arrays, generators and async generators; a string is a value, not a stream of characters. */
export function isIterable(value: unknown): value is Items {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

/**
 * A generator method's result that its caller takes piece by piece. Told apart by its class from a
 * result that merely is an array; `check` throws when some of the items do not fit the schema.
 */
export class ResultStream implements AsyncIterable<unknown> {
  constructor(
    readonly items: Items,
    readonly check: (items: readonly unknown[]) => void,
  ) {}

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    for await (const item of this.items) {
      this.check([item]);
      yield item;
    }
  }
}

/** All items in an array; stops the producer as soon as the call is aborted. */
export async function collect(items: Items, call: Call): Promise<unknown[]> {
  if (Array.isArray(items)) return items as unknown[];
  const all: unknown[] = [];
  for await (const item of items) {
    if (call.isAborted) throw coded('CALL_CANCELED');
    all.push(item);
  }
  return all;
}
