import {
  coded,
  holdsHugeNumber,
  numberFault,
  type RpcException,
  stringifyExtended,
  stringifyWithin,
  stringifyWithSecrets,
} from '../../common/index.js';
import type { Frame, FrameFault, FrameId } from './frame.js';
import { findFrameHead, MAX_FRAME_VALUES, scanFrame } from './frame-scan.js';

/** What is more in an error than a person or program will look at. */
const MAX_ERROR_BYTES = 4_194_304;

/**
 * A call without extended values as clients write it, up to its arguments. What it matches is the beginning of JSON
 * text, so that the whole is a frame exactly if a value and two closing braces follow.
 */
const CALL_HEAD =
  /\{"namespace":"rpc","name":"call","id":(?:(0|[1-9]\d{0,14})|"([\w-]*)"),"args":\{"method":"([\w.-]+)","args":/y;
const CALL_TAIL = '}}';

/** Reads one message. Never throws, whatever the text. */
export function parseFrame(text: string, maxValues = MAX_FRAME_VALUES): Frame | FrameFault {
  const { fault, isDeep } = scanFrame(text, maxValues);
  if (fault !== null) return { fault, ...findFrameHead(text) };
  const hasExtended = isDeep || mayHaveExtended(text);
  const call = hasExtended ? null : parseCall(text);
  return call ?? parseAny(text, hasExtended);
}

/**
 * Nearly every message is such a call, and its envelope costs as much to parse as its arguments: more than a
 * tenth of what the gateway does for one. Null: look properly.
 */
function parseCall(text: string): Frame | null {
  CALL_HEAD.lastIndex = 0;
  const head = CALL_HEAD.exec(text);
  if (head === null || !(text.endsWith(']}}') || text.endsWith('}}}'))) return null;
  const [, number, name, method] = head;
  try {
    const args: unknown = JSON.parse(text.slice(CALL_HEAD.lastIndex, -CALL_TAIL.length));
    const id = number === undefined ? (name ?? '') : Number(number);
    return {
      namespace: 'rpc',
      name: 'call',
      id,
      args: { method, args },
      hasExtended: false,
      numberFault: numberFaultOf(args, text),
    };
  } catch {
    return null;
  }
}

function parseAny(text: string, hasExtended: boolean): Frame | FrameFault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: coded('REQUEST_NOT_JSON'), id: null };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { fault: coded('INVALID_REQUEST'), id: null };
  }
  // Own keys only: a frame parsed from JSON has no others, except what Object.prototype gives it.
  const { namespace, name, id, args } = value as Record<string, unknown>;
  const frameId = isFrameId(id) ? id : null;
  if (typeof namespace !== 'string' || typeof name !== 'string') {
    return { fault: coded('INVALID_REQUEST'), id: frameId };
  }
  return {
    namespace,
    name,
    id: frameId,
    args,
    hasExtended,
    numberFault: numberFaultOf(value, text),
  };
}

function numberFaultOf(parsed: unknown, text: string): RpcException | null {
  return holdsHugeNumber(parsed) ? numberFault(text) : null;
}

/** A number that JSON.parse has rounded would not come back unchanged, so it is no id. */
function isFrameId(id: unknown): id is string | number {
  if (typeof id === 'string') return true;
  return typeof id === 'number' && Number.isFinite(id) && Math.abs(id) <= Number.MAX_SAFE_INTEGER;
}

/** Single characters on purpose: V8 searches for those many times faster than for `"$`, and a `$` may be escaped. */
export function mayHaveExtended(text: string): boolean {
  return text.includes('$') || text.includes('\\');
}

function idText(id: FrameId): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id);
}

/** The envelope is written by hand around the value: half the cost of stringifying the whole frame. */
function rpcFrame(name: string, id: FrameId, args: string): string {
  return `{"namespace":"rpc","name":"${name}","id":${idText(id)},"args":${args}}`;
}

/**
 * @param maxBytes - of the value's text
 * @throws RpcException EOVERFLOW for a value that is larger; RangeError or TypeError for one that has
 *   no JSON form
 */
export function responseFrame(id: FrameId, value: unknown, maxBytes: number): string {
  return rpcFrame('response', id, answerText(value, maxBytes));
}

/** @throws as {@link responseFrame} */
export function answerText(value: unknown, maxBytes: number): string {
  return stringifyWithin(value, maxBytes, () => coded('ANSWER_TOO_LARGE', { limit: maxBytes }));
}

export function errorFrame(id: FrameId, error: RpcException): string {
  const wire = error.toWire();
  try {
    return rpcFrame('error', id, answerText(wire, MAX_ERROR_BYTES));
  } catch {
    // an `extra` without a JSON form, or without an end, must not cost the caller its answer
    return rpcFrame(
      'error',
      id,
      JSON.stringify({ code: wire.code, name: wire.name, message: wire.message }),
    );
  }
}

/** @param fragment - not larger than a fragment may be: whoever pulled it has seen to that */
export function fragmentFrame(id: FrameId, seqno: number, fragment: readonly unknown[]): string {
  return rpcFrame('fragment', id, `{"seqno":${seqno},"fragment":${stringifyExtended(fragment)}}`);
}

export function endFrame(id: FrameId, seqno: number): string {
  return rpcFrame('end', id, String(seqno));
}

export function closeFrame(id: FrameId): string {
  return rpcFrame('close', id, 'null');
}

/** Whom a call is made for, as the client that answers it is told. */
export interface ForwardedSender {
  readonly user: string | null;
  readonly roles: readonly string[];
  readonly address: string;
  readonly session: number | null;
  readonly task?: number;
  /** What the call is made because of; the log lines and events of it carry the same. */
  readonly cause: string;
}

/** A call to a client that offers the method: its secrets are readable there. */
export function callFrame(id: FrameId, { method, args, sender }: OutgoingRequest): string {
  const from = sender === undefined ? '' : `,"sender":${JSON.stringify(sender)}`;
  const content = `{"method":${JSON.stringify(method)},"args":${stringifyWithSecrets(args)}${from}}`;
  return rpcFrame('call', id, content);
}

interface OutgoingRequest {
  readonly method: string;
  readonly args: unknown;
  readonly sender?: ForwardedSender | undefined;
}

export function continueFrame(id: FrameId, seqno: number): string {
  return rpcFrame('continue', id, String(seqno));
}

export function abortFrame(id: FrameId): string {
  return rpcFrame('abort', id, 'null');
}

/** @param json - text of `{name, args, cursor}` */
export function eventFrame(json: string): string {
  return `{"namespace":"events","name":"event","id":null,"args":${json}}`;
}

/** @param events - texts of `{name, args, cursor}` */
export function eventBurstFrame(events: readonly string[]): string {
  return `{"namespace":"events","name":"event_burst","id":null,"args":{"events":[${events.join(',')}]}}`;
}

export function logoutFrame(reason: string): string {
  return `{"namespace":"events","name":"logout","id":null,"args":${JSON.stringify({ reason })}}`;
}
