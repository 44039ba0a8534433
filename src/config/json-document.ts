import { printParseErrorCode, visit } from 'jsonc-parser';
import { messageOf } from '../common/index.js';
import { ConfigurationError } from './configuration-error.js';
import { OWN_SECTIONS } from './schema/index.js';
import { keyPath, quote } from './wording.js';

/** A parsed file: its sections by name. */
export type JsonDocument = Readonly<Record<string, unknown>>;

/**
 * Parses strict JSON. JSON.parse decides what is valid; its messages carry no position or one that
 * changes with the version of Node, so a second parser says where the error is.
 *
 * @throws ConfigurationError `file:line:column: what is wrong`
 */
export function parseDocument(file: string, text: string): JsonDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const complaint = firstSyntaxError(text) ?? `: not valid JSON: ${messageOf(error)}`;
    throw new ConfigurationError([`${file}${complaint}`], { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError([
      `${file}: expected an object with sections such as "dispatcher", got ${quote(value)}`,
    ]);
  }
  refuseDuplicates(file, text);
  return value as JsonDocument;
}

// The names of the parser's codes, because the codes themselves are a const enum.
const COMPLAINTS: ReadonlyMap<string, string> = new Map([
  ['InvalidSymbol', 'unexpected text; names and texts are in double quotes'],
  ['InvalidNumberFormat', 'not a number'],
  ['PropertyNameExpected', 'expected a key in double quotes'],
  ['ValueExpected', 'expected a value'],
  ['ColonExpected', 'expected a colon'],
  ['CommaExpected', 'expected a comma'],
  ['CloseBraceExpected', 'expected a comma or a closing brace'],
  ['CloseBracketExpected', 'expected a comma or a closing bracket'],
  ['EndOfFileExpected', 'unexpected text after the end'],
  ['InvalidCommentToken', 'comments are not allowed'],
  ['UnexpectedEndOfComment', 'comments are not allowed'],
  ['UnexpectedEndOfString', 'the text that starts here has no closing quote on its line'],
  ['UnexpectedEndOfNumber', 'the number that starts here is not complete'],
  ['InvalidUnicode', 'the text that starts here has a wrong \\u escape'],
  ['InvalidEscapeCharacter', 'the text that starts here has a wrong escape after a backslash'],
  ['InvalidCharacter', 'the text that starts here has a control character; write it as an escape'],
]);

function firstSyntaxError(text: string): string | null {
  let found: string | null = null;
  walk(text, {
    onError: (code, _offset, _length, line, column) => {
      const complaint = COMPLAINTS.get(printParseErrorCode(code)) ?? 'not valid JSON';
      found ??= `:${line + 1}:${column + 1}: ${complaint}`;
    },
  });
  return found;
}

/** JSON.parse keeps the last of two equal keys without a word; in a configuration that is a trap. */
function refuseDuplicates(file: string, text: string): void {
  const seen = new Set<string>();
  const problems: string[] = [];
  const isComplete = walk(text, {
    onObjectProperty: (key, _offset, _length, line, column, parent) => {
      const path = [...parent().map(String), key];
      const [section = ''] = path;
      // inside the sections of other daemons everything is theirs to judge
      if (path.length > 1 && !Object.hasOwn(OWN_SECTIONS, section)) return;
      const identity = JSON.stringify(path);
      if (seen.has(identity)) {
        problems.push(`${file}:${line + 1}:${column + 1}: ${keyPath(path)}: given twice`);
      }
      seen.add(identity);
    },
  });
  if (!isComplete) problems.push(`${file}: nested too deeply`);
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** False when the text is nested deeper than the stack, which JSON.parse itself does not use. */
function walk(text: string, visitor: Parameters<typeof visit>[1]): boolean {
  try {
    visit(text, visitor, { disallowComments: true, allowTrailingComma: false });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
