import { coded } from './error-catalog.js';
import type { RpcException } from './errors.js';
import { MAX_VALUE_DEPTH } from './extended-values.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INTEGER = /^-?\d+$/;
const MAX_SHOWN = 40;

/**
 * JSON.parse makes Infinity of `1e400` and another integer of 12345678901234567890 without a word.
 * True when a freshly parsed value holds a number that may have been written so; what it was, only
 * its text tells. A look at each value costs less than one at the text, in which digits abound.
 */
export function holdsHugeNumber(value: unknown): boolean {
  return isHuge(value, 0);
}

function isHuge(value: unknown, depth: number): boolean {
  if (typeof value === 'number') {
    return !(value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER);
  }
  if (typeof value !== 'object' || value === null || depth > MAX_VALUE_DEPTH) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) if (isHuge(value[i], depth + 1)) return true;
    return false;
  }
  for (const key in value) {
    if (isHuge((value as Record<string, unknown>)[key], depth + 1)) return true;
  }
  return false;
}

/**
 * The first number of valid JSON text that cannot be taken as it is written: one that is infinite as
 * a double, or an integer past 2^53. With a fraction or an exponent it is no integer but a measure,
 * which may be rounded. Null: all of them can.
 */
export function numberFault(text: string): RpcException | null {
  const [first] = numberFaults(text).values();
  return first ?? null;
}

/** As {@link numberFault}, for each item of the list that the text is, by its index. */
export function numberFaults(text: string): ReadonlyMap<number, RpcException> {
  const faults = new Map<number, RpcException>();
  let depth = 0;
  let item = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) depth += 1;
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1;
    else if (code === COMMA && depth === 1) item += 1;
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const literal = numberAt(text, i);
      i += literal.length - 1;
      const fault = faultOf(literal);
      if (fault !== null && !faults.has(item)) faults.set(item, fault);
    }
  }
  return faults;
}

/** Where the string that begins there ends: at the next quotation mark that is not escaped. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function numberAt(text: string, at: number): string {
  NUMBER.lastIndex = at;
  return NUMBER.exec(text)?.[0] ?? ' ';
}

function faultOf(literal: string): RpcException | null {
  const value = Number(literal);
  const number = literal.length > MAX_SHOWN ? `${literal.slice(0, MAX_SHOWN)}...` : literal;
  if (!Number.isFinite(value)) return coded('NUMBER_TOO_LARGE', { number });
  if (Number.isSafeInteger(value) || !INTEGER.test(literal)) return null;
  return coded('INTEGER_NOT_EXACT', { number });
}
