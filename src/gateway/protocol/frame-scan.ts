import { coded, MAX_VALUE_DEPTH, type RpcException } from '../../common/index.js';
import type { FrameId } from './frame.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/** The levels that a frame, or a batch of requests, has around a value. */
const ENVELOPE_DEPTH = 4;
/** The contract's, for who reads frames without a configuration. */
export const MAX_FRAME_VALUES = 100_000;

export interface FrameScan {
  /** Why the message is not even parsed; null when it is. */
  readonly fault: RpcException | null;
  /** It is nested deeper than a value may be. */
  readonly isDeep: boolean;
}

const FINE: FrameScan = { fault: null, isDeep: false };
const DEEP: FrameScan = { fault: null, isDeep: true };

/**
 * Looks at the text of a message before it is parsed: what is made of a million brackets costs a
 * hundred times as much as going through their characters. Counted is each value, and each name of a
 * member, for an object of many names is what costs most to make; not what is inside of strings. Messages that are too short to
 * pass a limit are not looked at.
 */
export function scanFrame(text: string, maxValues: number): FrameScan {
  if (text.length <= 2 * Math.min(MAX_VALUE_DEPTH, maxValues)) return FINE;
  let [values, depth, deepest] = [1, 0, 0];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === COMMA || code === COLON) {
      values += 1;
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (deepest > MAX_VALUE_DEPTH + ENVELOPE_DEPTH) break;
      i = nextToken(text, i + 1) - 1;
      const next = text.charCodeAt(i + 1);
      if (next !== CLOSE_BRACKET && next !== CLOSE_BRACE) values += 1;
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      depth -= 1;
    }
    if (values > maxValues) {
      return { fault: coded('FRAME_TOO_CROWDED', { limit: maxValues }), isDeep: false };
    }
  }
  if (deepest <= MAX_VALUE_DEPTH) return FINE;
  if (deepest <= MAX_VALUE_DEPTH + ENVELOPE_DEPTH) return DEEP;
  return { fault: coded('VALUE_TOO_DEEP'), isDeep: true };
}

/** What can be told of a message that is not parsed, so that its sender knows which one is refused. */
export interface FrameHead {
  readonly id: FrameId;
  readonly namespace: string | null;
  readonly name: string | null;
}

const HEAD_KEYS: ReadonlySet<string> = new Set(['"id"', '"namespace"', '"name"']);
const LONGEST_KEY = '"namespace"'.length;
const NUMBER = /-?\d{1,16}(?![\d.eE])/y;

/** Goes on until all is found, for the args may come first. */
export function findFrameHead(text: string): FrameHead {
  const found = new Map<string, unknown>();
  let depth = 0;
  for (let i = 0; i < text.length && found.size < HEAD_KEYS.size; i += 1) {
    const code = text.charCodeAt(i);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) depth += 1;
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1;
    else if (code === QUOTE) {
      const start = i;
      i = endOfString(text, i);
      if (depth !== 1 || i - start >= LONGEST_KEY) continue;
      const key = text.slice(start, i + 1);
      const colon = nextToken(text, i + 1);
      if (!HEAD_KEYS.has(key) || text.charCodeAt(colon) !== COLON) continue;
      found.set(key.slice(1, -1), readScalar(text, nextToken(text, colon + 1)));
      if (text.charCodeAt(nextToken(text, colon + 1)) === QUOTE)
        i = endOfString(text, nextToken(text, colon + 1));
    }
  }
  const [id, namespace, name] = ['id', 'namespace', 'name'].map((key) => found.get(key));
  return {
    id: typeof id === 'string' || Number.isSafeInteger(id) ? (id as FrameId) : null,
    namespace: typeof namespace === 'string' ? namespace : null,
    name: typeof name === 'string' ? name : null,
  };
}

function readScalar(text: string, start: number): unknown {
  NUMBER.lastIndex = start;
  const written =
    text.charCodeAt(start) === QUOTE
      ? text.slice(start, endOfString(text, start) + 1)
      : (NUMBER.exec(text)?.[0] ?? 'null');
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}

/** Where the string that begins at `start` has its other quotation mark; the end of the text without one. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

function nextToken(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= SPACE) at += 1;
  return at;
}
