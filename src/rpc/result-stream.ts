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

/** All items in an array; stops the producer as soon as the call is aborted. */
export async function collect(items: Items, call: Call): Promise<unknown[]> {
  if (Array.isArray(items)) return items;
  const all: unknown[] = [];
  for await (const item of items) {
    if (call.isAborted) throw coded('CALL_CANCELED');
    all.push(item);
  }
  return all;
}
