import type { Argument, Assignment, Comparison, Value } from './ast.js';
import type { Scanner } from './scanner.js';
import type { ValueParser } from './parse-value.js';

const FLAG = /--[A-Za-z][\w-]*/y;
/** A name right in front of an operator; `-` may be part of the name, and of `-=`. */
const NAMED = /[A-Za-z_][\w.-]*?(?=!~=|==|!=|<=|>=|~=|\+=|-=|=|<|>)/y;
const OPERATOR = /!~=|==|!=|<=|>=|~=|\+=|-=|=[+-](?=[^\s\d.;|&)}])|=|<|>/y;
/** As the shell before this one had them. */
const OLD: Readonly<Record<string, Assignment>> = { '=+': '+=', '=-': '-=' };
const SPACED = /[ \t]+(?:in|contains)(?=[ \t])/y;
const NAME = /^[A-Za-z_][\w.-]*$/;

/** One argument, where something stands that is none of what ends a command; null when it makes no sense. */
export function parseArgument(scanner: Scanner, values: ValueParser): Argument | null {
  const start = scanner.position;
  const flag = scanner.match(FLAG);
  if (flag !== null) {
    const value = scanner.take('=') ? values.parse() : null;
    return { kind: 'flag', name: flag.slice(2), value, start, end: scanner.position };
  }
  const name = scanner.match(NAMED);
  if (name !== null) {
    const sign = scanner.match(OPERATOR) ?? '=';
    return named(scanner, { name, operator: OLD[sign] ?? (sign as Assignment), start }, values);
  }
  const value = values.parse();
  if (value === null) return null;
  const word = isName(value) ? scanner.match(SPACED) : null;
  if (word === null || !isName(value)) {
    return { kind: 'positional', value, start, end: scanner.position };
  }
  const operator = word.trim() as Comparison;
  scanner.skipBlanks();
  return named(scanner, { name: value.text, operator, start }, values);
}

interface Head {
  readonly name: string;
  readonly operator: Assignment | Comparison;
  readonly start: number;
}

/** What stands behind the operator; nothing is the empty text, as in `comment=`. */
function named(scanner: Scanner, { name, operator, start }: Head, values: ValueParser): Argument {
  const at = scanner.position;
  const isThere = /[^\s;|)}]/.test(scanner.peek());
  const empty: Value = { kind: 'bare', text: '', start: at, end: at };
  const value = isThere ? (values.parse() ?? empty) : empty;
  return { kind: 'named', name, operator, value, start, end: scanner.position };
}

function isName(value: Value): value is Extract<Value, { kind: 'bare' }> {
  return value.kind === 'bare' && NAME.test(value.text);
}
