import { AsyncQueue, onAbort } from '../common/portable.js';
import { canceled, notConnected, timedOut } from './client-error.js';
import type { AnswerSink, Wire } from './wire.js';

/** Arguments by position, or by name. */
export type CallArguments = readonly unknown[] | Readonly<Record<string, unknown>>;

/** How long a caller wants to wait. */
export interface CallOptions {
  /** Stops the call: the server is told, the promise rejects with ECANCELED. */
  readonly signal?: AbortSignal | undefined;
  /** After that the server is told to stop and the promise rejects with ETIMEDOUT; null: never. */
  readonly timeoutMs?: number | null | undefined;
  /** Which node is to make it, where several serve together; `*`: all that have the service. */
  readonly node?: string | undefined;
  /**
   * Takes the items of a stream as they come, instead of having them collected: the call resolves with
   * {@link STREAMED} at its end. The server goes on when what this returns has resolved.
   */
  readonly onItems?: ((items: readonly unknown[]) => void | Promise<void>) | undefined;
  /**
   * Made twice it does what it does once: without a connection it waits for one, and is made again when the
   * connection goes before the answer. Of single calls, not of streams.
   */
  readonly idempotent?: boolean | undefined;
}

/** What a call resolves with whose items were handed over one by one. */
export const STREAMED: unique symbol = Symbol('the items were handed over');

/** One request frame and what it is called in messages. */
export interface Request {
  readonly wire: Wire | null;
  /** In words, for messages: `Call of system.info`. */
  readonly what: string;
  readonly name: string;
  readonly args: unknown;
}

/** Sends a request and waits for the whole answer; the items of a stream are collected. */
export function requestOnce(request: Request, options: CallOptions = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const items: unknown[] = [];
    const { onItems } = options;
    let taken: Promise<void> = Promise.resolve();
    const running = begin(request, options, {
      fail: reject,
      sink: (end) => ({
        onResponse: (value) => end(() => resolve(value)),
        onError: (error) => end(() => reject(error)),
        onFragment: (seqno, fragment) => {
          if (onItems === undefined) {
            for (const item of fragment) items.push(item);
            running.proceed(seqno + 1);
            return;
          }
          taken = taken.then(() => onItems(fragment));
          taken.then(
            () => running.proceed(seqno + 1),
            (error: unknown) => running.fail(error as Error),
          );
        },
        onEnd: () =>
          end(() => {
            if (onItems === undefined) resolve(items);
            else taken.then(() => resolve(STREAMED), reject);
          }),
      }),
    });
  });
}

/**
 * The items of an answer one by one. The next fragment is asked for when the last item of the one
 * before was taken, so a slow reader slows the producer down; leaving the loop aborts the call.
 */
export async function* requestItems(
  request: Request,
  options: CallOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  // at most one is on its way, because the next is asked for only after it was taken
  const inbox = new AsyncQueue<Fragment>();
  const running = begin(request, options, {
    fail: (error) => inbox.end(error),
    sink: (end) => ({
      onResponse: (value) => end(() => inbox.push(last(Array.isArray(value) ? value : [value]))),
      onError: (error) => end(() => inbox.end(error)),
      onFragment: (seqno, items) => inbox.push({ seqno, items }),
      onEnd: () => end(() => inbox.push(last([]))),
    }),
  });
  try {
    for await (const fragment of inbox) {
      yield* fragment.items;
      if (fragment.seqno === null) return;
      running.proceed(fragment.seqno + 1);
    }
  } finally {
    running.abort();
  }
}

/** A request on its way. */
interface Running {
  proceed(seqno: number): void;
  /** Nothing when it has ended already. */
  abort(): void;
  /** The caller cannot take what comes. */
  fail(error: Error): void;
}

/** Who is told how a request goes. */
interface Outcome {
  /** Makes what the wire tells; `end` runs what settles the request, once at most. */
  readonly sink: (end: (settle: () => void) => void) => AnswerSink;
  /** Told when the signal or the time limit ended the request, or it could not be begun. */
  readonly fail: (error: Error) => void;
}

function begin(
  { wire, what, name, args }: Request,
  { signal, timeoutMs }: CallOptions,
  { sink, fail }: Outcome,
): Running {
  let id = 0;
  let hasEnded = false;
  let forget: () => void = () => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (settle: () => void): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(timer);
    forget();
    settle();
  };
  const abort = (): void => end(() => wire?.abort(id));
  const giveUp = (error: Error): void => {
    abort();
    fail(error);
  };
  const proceed = (seqno: number): void => wire?.proceed(id, seqno);
  if (signal?.aborted === true) {
    giveUp(canceled(what, signal.reason));
  } else if (wire === null) {
    giveUp(notConnected());
  } else {
    id = wire.request(name, args, sink(end));
    forget = onAbort(signal, () => giveUp(canceled(what, signal?.reason)));
    if (timeoutMs != null) timer = setTimeout(() => giveUp(timedOut(what, timeoutMs)), timeoutMs);
  }
  return { abort, proceed, fail: giveUp };
}

interface Fragment {
  /** Null: the last one. */
  readonly seqno: number | null;
  readonly items: readonly unknown[];
}

const last = (items: readonly unknown[]): Fragment => ({ seqno: null, items });
