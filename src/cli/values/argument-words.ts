import { readFileSync } from 'node:fs';
import { UsageError } from '../exit-status.js';

/** An argument as it was written, before a schema says what it is. */
export interface ArgumentWord {
  /** Null for one by position. */
  readonly name: string | null;
  readonly value: WrittenValue;
  /** Where in its line it stands, for messages. */
  readonly column?: number;
}

export type WrittenValue =
  | { readonly kind: 'text'; readonly text: string }
  /** In quotes: a text also where it reads as a number, if the schema takes one. */
  | { readonly kind: 'quoted'; readonly text: string }
  /** A value that is one already, of a variable or the answer of a command. */
  | { readonly kind: 'data'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly WrittenValue[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, WrittenValue])[] }
  | { readonly kind: 'json'; readonly value: unknown }
  /** `text` is null when the bytes are none. */
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly text: string | null };

/** All arguments at once, as JSON. */
export type WholeArguments = readonly unknown[] | Readonly<Record<string, unknown>>;

export type WrittenArguments =
  | { readonly kind: 'whole'; readonly args: WholeArguments }
  | { readonly kind: 'words'; readonly words: readonly ArgumentWord[] };

const NAMED = /^([A-Za-z_][\w.-]*)(:=|=|@)([^]*)$/;
const STANDARD_INPUT = 0;
/** More than any message of a client may have. */
const MAX_FILE_BYTES = 64 * 1_024 * 1_024;

/**
 * Reads `ARG…`: `name=text`, `name:=JSON`, `name@FILE`, `name@-` (the standard input), `text` by position;
 * or one JSON array or object that is all arguments.
 *
 * @throws UsageError naming the word that cannot be read, and why
 */
export function readArguments(words: readonly string[]): WrittenArguments {
  const [first] = words;
  if (words.length === 1 && first !== undefined && /^\s*[[{]/.test(first)) {
    return { kind: 'whole', args: parseJson(first, 'The arguments') as WholeArguments };
  }
  const read = words.map(readWord);
  const seen = new Set<string>();
  let hasNamed = false;
  for (const { name, value } of read) {
    if (name === null) {
      if (hasNamed) {
        const text = value.kind === 'text' ? value.text : '';
        throw new UsageError(
          `${JSON.stringify(text)}: arguments by position come before named ones`,
        );
      }
      continue;
    }
    hasNamed = true;
    if (seen.has(name)) throw new UsageError(`The argument ${name} is given twice`);
    seen.add(name);
  }
  return { kind: 'words', words: read };
}

function readWord(word: string): ArgumentWord {
  const [, name, sign, rest = ''] = NAMED.exec(word) ?? [];
  if (name === undefined) return { name: null, value: { kind: 'text', text: word } };
  if (sign === '=') return { name, value: { kind: 'text', text: rest } };
  if (sign === ':=') return { name, value: { kind: 'json', value: parseJson(rest, name) } };
  return { name, value: readFile(name, rest) };
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${what}: not JSON: ${text}`, { cause });
  }
}

/** What is in a file, `-` the standard input. @throws UsageError naming the argument */
export function readFile(name: string, file: string): WrittenValue {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === '-' ? STANDARD_INPUT : file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${name}: ${file} cannot be read: ${code ?? message}`, { cause });
  }
  if (bytes.length > MAX_FILE_BYTES)
    throw new UsageError(`${name}: ${file} is too large to be sent`);
  return { kind: 'file', bytes, text: textOf(bytes) };
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
