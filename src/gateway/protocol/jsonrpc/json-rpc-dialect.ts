import { coded, type RpcException, stringifyWithin } from '../../../common/index.js';
import type { Feature } from '../features.js';
import type { Dialect } from '../dialect.js';
import type { FrameId } from '../frame.js';
import type { BatchAnswer } from './batch-answer.js';
import type { JsonRpcRequest } from './json-rpc-message.js';
import { errorText, logoutNotification, type RequestId, resultText } from './json-rpc-text.js';

interface Pending {
  readonly id: RequestId | undefined;
  readonly batch: BatchAnswer | null;
}

/**
 * What one connection of `/jsonrpc` has asked and was not answered. Every request runs under an id of
 * the server's own: a notification has none, and must count against the limits all the same.
 */
export class JsonRpcDialect implements Dialect {
  readonly eventForm = 'notification';
  readonly withheldFeatures: ReadonlySet<Feature> = new Set<Feature>([
    'streaming_responses',
    'event_bursts',
  ]);
  readonly takesCalls = false;
  readonly #pending = new Map<FrameId, Pending>();
  readonly #ids = new Set<RequestId>();
  #lastKey = 0;

  /** The key under which a request runs; null when its id is in flight already. */
  begin({ id }: JsonRpcRequest, batch: BatchAnswer | null): number | null {
    if (id !== undefined) {
      if (this.#ids.has(id)) return null;
      this.#ids.add(id);
    }
    this.#lastKey += 1;
    this.#pending.set(this.#lastKey, { id, batch });
    return this.#lastKey;
  }

  isPending(key: FrameId): boolean {
    return this.#pending.has(key);
  }

  response(key: FrameId, value: unknown, maxBytes: number): string | null {
    const batch = this.#pending.get(key)?.batch ?? null;
    // first: when it throws, the error is still to be answered
    const json = stringifyWithin(value, Math.max(0, maxBytes - (batch?.length ?? 0)), () => {
      if (batch !== null) batch.isFull = true;
      return coded('ANSWER_TOO_LARGE', { limit: maxBytes });
    });
    return this.#answer(key, (id) => resultText(id, json));
  }

  error(key: FrameId, error: RpcException): string | null {
    return this.#answer(key, (id) => errorText(id, error));
  }

  logout(reason: string): string {
    return logoutNotification(reason);
  }

  #answer(key: FrameId, textFor: (id: RequestId) => string): string | null {
    const pending = this.#pending.get(key);
    if (pending === undefined) return null;
    this.#pending.delete(key);
    const { id, batch } = pending;
    if (id === undefined) return null;
    this.#ids.delete(id);
    const text = textFor(id);
    return batch === null ? text : batch.add(text);
  }
}
