import { RE2JS } from 're2js';
import { coded } from '../error-catalog.js';
import { messageOf } from '../errors.js';
import { readMask } from '../mask.js';
import type { PatternEffort } from './pattern-effort.js';
import { patternSize } from './pattern-size.js';
import { fail, shortened } from './query-error.js';

/** A pattern made ready: whether a text fits, the effort told to whoever pays for it. */
export type PatternTest = (text: string, effort: PatternEffort) => boolean;

/** What compiling one expression may cost: some ten milliseconds. */
export const MAX_PATTERN_SIZE = 1_000;
/** A query is parsed where it comes in and again where it runs. */
const MAX_REMEMBERED = 256;
const LITERAL = /^(\^?)([^\\^$.*+?()[\]{}|]*)(\$?)$/;

const remembered = new Map<string, PatternTest>();

/** @throws RpcException EINVAL for what is no expression of RE2, or too large a one */
export function compilePattern(
  operator: '~' | 'match',
  pattern: string,
  place: readonly (string | number)[] = [],
): PatternTest {
  if (operator === 'match') return maskTest(pattern);
  const known = remembered.get(pattern);
  if (known !== undefined) return known;
  const test = literalTest(pattern) ?? expressionTest(pattern, place);
  if (remembered.size >= MAX_REMEMBERED) {
    for (const [oldest] of remembered) {
      remembered.delete(oldest);
      break;
    }
  }
  remembered.set(pattern, test);
  return test;
}

function maskTest(mask: string): PatternTest {
  const { matches, stepsFor } = readMask(mask);
  if (stepsFor === null) return matches;
  return (text, effort) => effort.spend(stepsFor(text.length), () => matches(text));
}

/** What compiling an expression costs, in steps; plain text is not compiled. */
export function expressionSize(pattern: string): number {
  return LITERAL.test(pattern) ? 0 : patternSize(pattern);
}

/** Most expressions are a piece of text, perhaps with an anchor: the engine would cost a hundred times as much. */
function literalTest(pattern: string): PatternTest | null {
  const [, start, piece = '', end] = LITERAL.exec(pattern) ?? [];
  if (start === undefined) return null;
  if (start === '' && end === '') return (text) => text.includes(piece);
  if (start === '') return (text) => text.endsWith(piece);
  return end === '' ? (text) => text.startsWith(piece) : (text) => text === piece;
}

function expressionTest(pattern: string, place: readonly (string | number)[]): PatternTest {
  const size = patternSize(pattern);
  if (size > MAX_PATTERN_SIZE) throw coded('PATTERN_TOO_LARGE', { limit: MAX_PATTERN_SIZE });
  try {
    const expression = RE2JS.compile(pattern);
    return (text, effort) => effort.spend(size * text.length, () => expression.test(text));
  } catch (error) {
    // RE2 refuses what it could not match in linear time; the text says which part
    throw fail(place, `bad regular expression: ${shortened(messageOf(error))}`);
  }
}
