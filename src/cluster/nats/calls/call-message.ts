import {
  coded,
  Errno,
  holdsPassword,
  isDispatcherError,
  isRecord,
  keyed,
  keyOf,
  readExtended,
  RetryableException,
  RpcException,
  stringifyExtended,
  stringifyWithin,
} from '../../../common/index.js';
import type { Sealer } from '../sealer.js';

/** An error on its way between nodes. */
export interface SentError {
  /** Of the catalogue, where it is in it. */
  readonly key?: string;
  readonly code: Errno;
  readonly message: string;
  readonly extra?: unknown;
  readonly isRetryable?: true;
}

/**
 * What nodes say to each other about calls. A call's `id` begins with its caller's boot: another start
 * of the same node never takes an answer for its own.
 *
 *     caller                          callee
 *     call        ──────────────────▶ answer | error
 *                                   | stream
 *     more (items in all) ──────────▶ item … item
 *     more        ──────────────────▶ item … end | error
 *     abort       ──────────────────▶ (at any time; nothing is answered)
 *
 * What one node publishes is delivered in order, but what is published while the other one has lost
 * NATS is gone. Whoever finds NATS again asks (`ask`) the callees of its calls, and has (`back`) its
 * callers ask: calls that are not in the list end there; the callee says how far it is (`at`) with
 * those that are, and which it knows nothing of (`lost`).
 */
export type CallMessage =
  | {
      readonly k: 'call';
      readonly id: string;
      /** Boot of the callee that is meant. */
      readonly boot: string;
      readonly channel: string;
      /** Milliseconds that are left: clocks of nodes differ. */
      readonly left?: number | undefined;
      readonly cause?: string | undefined;
    }
  | { readonly k: 'answer' | 'stream' | 'lost'; readonly id: string }
  | { readonly k: 'error'; readonly id: string; readonly error: SentError }
  /** Number of the item, from one, the end counted as one; how many were sent in all (`at`). */
  | { readonly k: 'item' | 'end' | 'at'; readonly id: string; readonly n: number }
  /** How many items may be sent in all. */
  | { readonly k: 'more'; readonly id: string; readonly n: number }
  | { readonly k: 'abort'; readonly id: string; readonly error: SentError }
  /** Calls that are waited for, each with how many items may be sent in all. */
  | { readonly k: 'ask'; readonly calls: readonly (readonly [id: string, granted: number])[] }
  | { readonly k: 'back' };

export interface Received {
  readonly message: CallMessage;
  /** The value that it carries. @throws RpcException EIO when it was sealed with another key */
  readonly body: () => unknown;
}

/**
 * The text of a message; `body` is extended JSON, sealed as a whole when there is a password in it.
 *
 * @throws RpcException EOVERFLOW when it has more bytes than a message may have; EOPNOTSUPP for a
 *   password that cannot be sealed; RangeError or TypeError when the value has no JSON form
 */
export function writeMessage(message: CallMessage, body: unknown, sealer: Sealer | null): string {
  const head = JSON.stringify(message);
  if (body === undefined) return head;
  if (sealer === null && holdsPassword(body)) throw coded('NODE_KEY_DIFFERS');
  const sealed = sealer?.seal(body) ?? null;
  const [key, value] = sealed === null ? ['body', body] : ['sealed', sealed];
  const text = stringifyWithin(value, MAX_MESSAGE_BYTES, tooLarge);
  return `${head.slice(0, -1)},"${key}":${text}}`;
}

/** Of one message, whatever parts it is sent in. */
export const MAX_MESSAGE_BYTES = 64 * 1_024 * 1_024;

function tooLarge(): RpcException {
  return coded('NODE_MESSAGE_TOO_LARGE', { limit: MAX_MESSAGE_BYTES });
}

/** Null where it is no message. */
export function readMessage(text: string, sealer: Sealer | null): Received | null {
  const value: unknown = parsed(text);
  if (!isRecord(value) || typeof value['k'] !== 'string') return null;
  const { body = null, sealed, ...message } = value;
  return {
    message: message as unknown as CallMessage,
    body: () => (typeof sealed === 'string' ? unseal(sealed, sealer) : readExtended(body)),
  };
}

function unseal(sealed: string, sealer: Sealer | null): unknown {
  try {
    if (sealer !== null) return sealer.unseal(sealed);
  } catch {
    // what it says tells nobody more
  }
  throw coded('NODE_KEY_DIFFERS');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Anything that was thrown; what is no error of the dispatcher's tells other nodes nothing of itself. */
export function sentError(error: unknown): SentError {
  if (!isDispatcherError(error)) return { code: Errno.EFAULT, message: 'Internal error' };
  const { code, message, extra } = error;
  const key = keyOf(error);
  return {
    ...(key === null ? {} : { key }),
    code,
    message,
    ...(extra === undefined ? {} : { extra: wireForm(extra) }),
    ...('isRetryable' in error ? { isRetryable: true } : {}),
  };
}

function wireForm(extra: unknown): unknown {
  try {
    return JSON.parse(stringifyExtended(extra)) as unknown;
  } catch {
    return null; // without a JSON form
  }
}

export function receivedError({ key, isRetryable, ...sent }: SentError): RpcException {
  const extra = sent.extra === undefined ? undefined : readExtended(sent.extra);
  const of = isRetryable === true ? RetryableException : RpcException;
  return keyed(new of(sent.code, sent.message, extra), key ?? null);
}
