import { setImmediate } from 'node:timers/promises';
import { coded } from '../common/index.js';
import type { Call } from './call.js';
import type { ServiceOwner } from './service-owner.js';

export type Items = Iterable<unknown> | AsyncIterable<unknown>;
type Producer = Iterator<unknown> | AsyncIterator<unknown>;

const ITEMS_PER_TURN = 1_000;

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
 *
 * Whoever takes it makes one iterator of `items` and reads it to its end or calls its `return`.
 */
export class ResultStream {
  constructor(
    readonly items: Items,
    readonly check: (items: readonly unknown[]) => void,
  ) {}
}

/**
 * The same items; from the first one asked for until the last, the failure or the `return`, their
 * production is a running call of `owner`. An array runs nobody's code.
 */
export function tracked(
  items: Items,
  owner: ServiceOwner,
  options: Partial<TrackingOptions> = {},
): Items {
  if (Array.isArray(items)) return items as unknown[];
  return {
    [Symbol.asyncIterator]: () =>
      trackedIterator(start(items), { ...AS_IT_IS, ...options, leave: owner.enter() }),
  };
}

interface TrackingOptions {
  /** Runs a step of the producer. */
  readonly run: <T>(work: () => T) => T;
  /** Makes of what the producer throws what comes out. */
  readonly toError: (error: unknown) => unknown;
}

interface Tracking extends TrackingOptions {
  readonly leave: () => void;
}

const AS_IT_IS: TrackingOptions = { run: (work) => work(), toError: (error) => error };

function start(items: Items): Producer {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** Not an async generator: its `return` would wait for the item under way, which may never come. */
function trackedIterator(
  producer: Producer,
  { leave, run, toError }: Tracking,
): AsyncIterator<unknown> {
  return {
    async next() {
      try {
        const next = await run(() => producer.next());
        if (next.done === true) leave();
        return next;
      } catch (error) {
        leave();
        throw toError(error);
      }
    },
    async return() {
      try {
        await run(() => producer.return?.());
      } finally {
        leave();
      }
      return { done: true, value: undefined };
    },
  };
}

/**
 * All items in an array; stops the producer as soon as the call is aborted. Others get their turn
 * now and then, for a producer that never waits would hold up the abort, too.
 *
 * @throws RpcException EOVERFLOW past `maxItems`; when the call was aborted, why
 */
export async function collect(items: Items, call: Call, maxItems: number): Promise<unknown[]> {
  if (Array.isArray(items)) return items as unknown[];
  const all: unknown[] = [];
  for await (const item of items) {
    call.throwIfAborted();
    if (all.length >= maxItems) {
      throw coded('RESULT_TOO_LONG', { method: call.method, limit: maxItems });
    }
    all.push(item);
    if (all.length % ITEMS_PER_TURN === 0) await setImmediate();
  }
  call.throwIfAborted(); // its producer came to an end because of that
  return all;
}
