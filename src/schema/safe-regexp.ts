import type { RegExpLike } from 'ajv/dist/types/index.js';
import { RE2JS } from 're2js';
import { messageOf } from '../common/index.js';

/**
 * Regular expressions from schemas come from plugins and external services, and run over what any
 * client sends. A backtracking engine would let one hostile string stop the server, so patterns are
 * matched by RE2, in linear time. The native engine serves the common shapes that cannot backtrack
 * (`^[a-z0-9-]+$`), where it is ten times as fast.
 */

// A class, an escape or a literal, repeated a bounded number of times at most.
const ATOM = String.raw`(?:\[(?:[^\]\\[]|\\[\s\S])+\]|\\[dDwWsS.\-/\\()[\]{}+*?^$|]|[^\\^$.*+?()[\]{}|])`;
const BOUNDED = String.raw`(?:\?|\{\d{1,2}\}|\{\d{1,2},\d{1,2}\})?`;
const UNBOUNDED = String.raw`(?:[*+]|\{\d{1,2},\})`;

// Anchored, one unbounded repeat and at most one optional part before it: no choice to revisit.
const CANNOT_BACKTRACK = new RegExp(
  String.raw`^\^(?:${ATOM}(?:\{\d{1,2}\})?)*(?:${ATOM}${UNBOUNDED})?(?:${ATOM}(?:\{\d{1,2}\})?)*\$?$`,
);
const BOUNDED_ONLY = new RegExp(String.raw`^\^(?:${ATOM}${BOUNDED}){1,3}\$?$`);

/** What JavaScript calls white space; RE2 knows the ASCII part only. */
const SPACE = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const LINE_END = String.raw`\n\r\x{2028}\x{2029}`;

/**
 * A pattern with JavaScript's meaning, matched in linear time.
 *
 * @throws Error naming what the pattern uses that cannot be: look-around, back-references
 */
export function compileSafe(pattern: string, flags = ''): RegExpLike {
  const native = parse(pattern, flags);
  if (CANNOT_BACKTRACK.test(pattern) || BOUNDED_ONLY.test(pattern)) return native;
  const re2 = compileRe2(pattern, flags);
  return {
    test: (text) => re2.test(text),
    // Ajv keeps one of equal patterns, and tells them apart by their text
    toString: () => `re2:${flags}:${pattern}`,
  } as RegExpLike;
}

function compileRe2(pattern: string, flags: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(translate(pattern)), re2Flags(flags));
  } catch (error) {
    throw new Error(
      `patterns are those of RE2, without look-ahead, look-behind and back-references: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function parse(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, `${flags}u`);
  } catch {
    return new RegExp(pattern, flags); // older patterns escape more than the `u` flag allows
  }
}

function re2Flags(flags: string): number {
  let result = 0;
  if (flags.includes('i')) result |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) result |= RE2JS.MULTILINE;
  if (flags.includes('s')) result |= RE2JS.DOTALL;
  return result;
}

/** Rewrites the few constructs that both dialects have with different meanings. */
function translate(pattern: string): string {
  let isInClass = false;
  return pattern.replace(/\\[\s\S]|[[\].]/g, (token, offset: number) => {
    switch (token) {
      case '[':
        if (isInClass) return '\\[';
        if (/^\[\^?\]/.test(pattern.slice(offset)))
          throw new Error('an empty class is unsupported');
        isInClass = true;
        return token;
      case ']':
        isInClass = false;
        return token;
      case '.':
        return isInClass ? token : `[^${LINE_END}]`;
      case '\\s':
        return isInClass ? SPACE : `[${SPACE}]`;
      case '\\S':
        if (isInClass) throw new Error('\\S inside a class is unsupported');
        return `[^${SPACE}]`;
      default:
        return token;
    }
  });
}

/** {@link compileSafe} in the shape of Ajv's `code.regExp` option. */
export const regExpEngine = Object.assign(
  (pattern: string): RegExpLike => compileSafe(pattern),
  { code: 'undefined' }, // only for standalone code, which nobody generates
);
