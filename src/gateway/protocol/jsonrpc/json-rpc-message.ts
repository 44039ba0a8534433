import { coded, holdsHugeNumber, numberFaults, type RpcException } from '../../../common/index.js';
import { findFrameHead, MAX_FRAME_VALUES, scanFrame } from '../frame-scan.js';
import { mayHaveExtended } from '../frame.codec.js';
import type { RequestId } from './json-rpc-text.js';

/** Of one message: with short entries, many times the answers would come back for what was sent. */
const MAX_BATCH = 1_000;

export interface JsonRpcRequest {
  readonly method: string;
  /** A list or an object, as it was sent; null when there are none. */
  readonly params: object | null;
  /** Which node is to make the call: a member of the server's own, beside those of the standard. */
  readonly node?: string;
  /** Undefined for a notification. */
  readonly id: RequestId | undefined;
  /** What is wrong with a number in it; null when nothing is. */
  readonly numberFault: RpcException | null;
}

/** What is no request: how to answer, and to which id. */
export interface JsonRpcFault {
  readonly fault: RpcException;
  readonly id: RequestId;
}

export interface JsonRpcMessage {
  readonly entries: readonly (JsonRpcRequest | JsonRpcFault)[];
  readonly isBatch: boolean;
  /** Some key may begin with `$`. */
  readonly hasExtended: boolean;
}

export const NOT_TEXT: JsonRpcMessage = single(coded('REQUEST_NOT_JSON'));

const NO_FAULTS: ReadonlyMap<number, RpcException> = new Map();

/** Reads one message. Never throws, whatever the text. */
export function readMessage(text: string, maxValues = MAX_FRAME_VALUES): JsonRpcMessage {
  const { fault, isDeep } = scanFrame(text, maxValues);
  if (fault !== null) return single(fault, findFrameHead(text).id);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return single(coded('REQUEST_NOT_JSON'));
  }
  const isBatch = Array.isArray(value);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) return single(coded('INVALID_REQUEST'));
  if (values.length > MAX_BATCH) return single(coded('BATCH_TOO_LARGE', { limit: MAX_BATCH }));
  const faults = holdsHugeNumber(value) ? numberFaults(isBatch ? text : `[${text}]`) : NO_FAULTS;
  const entries = values
    .map((entry, at) => (isAnswer(entry) ? null : readEntry(entry, faults.get(at) ?? null)))
    .filter((entry) => entry !== null);
  return { entries, isBatch, hasExtended: isDeep || mayHaveExtended(text) };
}

function single(fault: RpcException, id: RequestId = null): JsonRpcMessage {
  return { entries: [{ fault, id }], isBatch: false, hasExtended: false };
}

/** The server asks nothing, so it drops answers: two peers must not answer each other for ever. */
function isAnswer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'method')) return false;
  return Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error');
}

function readEntry(
  value: unknown,
  numberFault: RpcException | null,
): JsonRpcRequest | JsonRpcFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { fault: coded('INVALID_REQUEST'), id: null };
  }
  const { jsonrpc, method, params = null, id, node } = value as Record<string, unknown>;
  const isNotification = !Object.hasOwn(value, 'id');
  const hasParams = Object.hasOwn(value, 'params');
  const isRequest =
    jsonrpc === '2.0' &&
    typeof method === 'string' &&
    (isNotification || isId(id)) &&
    (!hasParams || (typeof params === 'object' && params !== null)) &&
    (node === undefined || typeof node === 'string');
  if (!isRequest) return { fault: coded('INVALID_REQUEST'), id: isId(id) ? id : null };
  return {
    method,
    params: params as object | null,
    id: isNotification ? undefined : (id as RequestId),
    numberFault,
    ...(node !== undefined && { node }),
  };
}

/** A number that JSON.parse has rounded would not come back unchanged, so it is no id. */
function isId(id: unknown): id is RequestId {
  if (typeof id === 'number') return Number.isFinite(id) && Math.abs(id) <= Number.MAX_SAFE_INTEGER;
  return typeof id === 'string' || id === null;
}
