import { type Argument, parseScript, type Value } from '../grammar/index.js';
import type { PathWord } from '../namespaces/index.js';

/** A command as far as it is typed: the words before the cursor, and the one at it. */
export interface TypedCommand {
  readonly isAbsolute: boolean;
  readonly before: readonly Argument[];
  readonly current: TypedWord;
}

/** The word at the cursor. */
export interface TypedWord {
  /** Null unless a name and an operator stand before the value. */
  readonly name: string | null;
  readonly operator: string | null;
  /** The part of the value before the cursor, quotes and escapes read. */
  readonly text: string;
  /** Where the value begins, in the text of the command. */
  readonly start: number;
  readonly isQuoted: boolean;
  /** `--fl`. */
  readonly isFlag: boolean;
}

/** Reads the text of a command up to the cursor. */
export function typedCommand(text: string): TypedCommand {
  const { statements } = parseScript(text);
  const [statement] = statements;
  const command = statement?.kind === 'sequence' ? statement.first.command : null;
  const empty = word({ text: '', start: text.length });
  if (command === null) {
    const isAbsolute = /^\s*\/\s*$/.test(text);
    return { isAbsolute, before: [], current: empty };
  }
  const { words, isAbsolute } = command;
  const last = words.at(-1);
  if (last?.end !== text.length || isFinished(text, last)) {
    return { isAbsolute, before: words, current: empty };
  }
  return { isAbsolute, before: words.slice(0, -1), current: typedWord(last, text) };
}

/** Behind a blank another word begins, unless the blank is in quotes. */
function isFinished(text: string, last: Argument): boolean {
  return /(?<!\\)\s$/.test(text) && !isOpenQuote(last, text);
}

function isOpenQuote(last: Argument, text: string): boolean {
  const value = last.kind === 'positional' || last.kind === 'named' ? last.value : null;
  if (value?.kind !== 'quoted') return false;
  const written = text.slice(value.start);
  return written.length === 1 || !written.endsWith(written[0] ?? '');
}

function typedWord(last: Argument, text: string): TypedWord {
  if (last.kind === 'flag') {
    return word({ text: last.name, start: last.start, isFlag: true });
  }
  const { value } = last;
  const name = last.kind === 'named' ? { name: last.name, operator: last.operator } : {};
  return word({
    ...name,
    text: textOf(value, text),
    start: value.start,
    isQuoted: value.kind === 'quoted',
  });
}

const word = (given: Partial<TypedWord> & Pick<TypedWord, 'text' | 'start'>): TypedWord => ({
  name: null,
  operator: null,
  isQuoted: false,
  isFlag: false,
  ...given,
});

function textOf(value: Value, text: string): string {
  if (value.kind === 'bare') return value.text;
  if (value.kind === 'quoted')
    return value.parts.filter((part) => typeof part === 'string').join('');
  return text.slice(value.start);
}

/** Words as the tree reads them; what is known only when the line runs is null. */
export function pathWords(words: readonly Argument[]): readonly (PathWord | null)[] {
  return words.map((one) => {
    if (one.kind !== 'positional') return null;
    const { value } = one;
    if (value.kind === 'bare') return { text: value.text, isLiteral: false };
    if (value.kind !== 'quoted') return null;
    const texts = value.parts.filter((part) => typeof part === 'string');
    return texts.length === value.parts.length ? { text: texts.join(''), isLiteral: true } : null;
  });
}
