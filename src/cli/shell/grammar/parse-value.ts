import type { Expansion, ObjectEntry, Pipeline, TextPart, Value } from './ast.js';
import type { Scanner } from './scanner.js';

/** Parses what stands in `$(…)`; given in, for pipelines have values in them. */
export type ParsePipeline = (scanner: Scanner, end: ')') => Pipeline | null;

const NAME = /[A-Za-z_]\w*/y;
/** Of a property of what a variable holds. */
const PATH = /(?:\.[A-Za-z_0-9][\w-]*)+/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };
/** Lists in lists, and texts in `$(…)` in texts; deeper is no line of a person. */
const MAX_DEPTH = 100;

/** A value where a value may begin; null, with a note, where none does. */
export class ValueParser {
  #depth = 0;

  constructor(
    private readonly scanner: Scanner,
    private readonly parsePipeline: ParsePipeline,
  ) {}

  /** @param ends - characters that end a bare word here, beside blanks and operators */
  parse(ends = ''): Value | null {
    if (this.#depth >= MAX_DEPTH) {
      this.scanner.note('This is nested too deeply');
      this.scanner.position = this.scanner.text.length;
      return null;
    }
    this.#depth += 1;
    try {
      return this.#parse(ends);
    } finally {
      this.#depth -= 1;
    }
  }

  #parse(ends: string): Value | null {
    const { scanner } = this;
    const start = scanner.position;
    switch (scanner.peek()) {
      case "'":
        return this.#raw(start);
      case '"':
        return this.#text(start);
      case '[':
        return this.#list(start);
      case '{':
        return this.#object(start);
      case '$': {
        const expansion = this.#expansion();
        if (expansion?.kind === 'variable') return this.#property(expansion);
        if (expansion !== null) return expansion;
      }
    }
    const text = scanner.bare(ends);
    if (scanner.position > start) return { kind: 'bare', text, start, end: scanner.position };
    scanner.note('A value is missing here');
    return null;
  }

  #raw(start: number): Value {
    const { scanner } = this;
    scanner.position += 1;
    const end = scanner.text.indexOf("'", scanner.position);
    const text = scanner.text.slice(scanner.position, end === -1 ? undefined : end);
    scanner.position = end === -1 ? scanner.text.length : end + 1;
    if (end === -1) scanner.noteOpen("The quote '", start);
    return { kind: 'quoted', parts: text === '' ? [] : [text], start, end: scanner.position };
  }

  #text(start: number): Value {
    const { scanner } = this;
    scanner.position += 1;
    const parts: TextPart[] = [];
    let text = '';
    const flush = (): void => {
      if (text !== '') parts.push(text);
      text = '';
    };
    while (!scanner.isAtEnd && scanner.peek() !== '"') {
      const before = scanner.position;
      const expansion = scanner.peek() === '$' ? this.#expansion() : null;
      if (expansion !== null) {
        flush();
        parts.push(expansion);
      } else if (scanner.position > before) {
        continue; // what was begun makes no sense, and has been told
      } else if (scanner.peek() === '\\') {
        text += this.#escape();
      } else {
        text += scanner.peek();
        scanner.position += 1;
      }
    }
    flush();
    if (!scanner.take('"')) scanner.noteOpen('The quote "', start);
    return { kind: 'quoted', parts, start, end: scanner.position };
  }

  #escape(): string {
    const { scanner } = this;
    const code = scanner.match(/\\u[0-9a-fA-F]{4}/y);
    if (code !== null) return String.fromCharCode(Number.parseInt(code.slice(2), 16));
    const escaped = scanner.peek(1);
    scanner.position += escaped === '' ? 1 : 2;
    return escaped === '\n' ? '' : (ESCAPES[escaped] ?? escaped);
  }

  /** Null where the dollar is one. */
  #expansion(): Expansion | null {
    const { scanner } = this;
    const start = scanner.position;
    scanner.position += 1;
    if (scanner.take('?')) return { kind: 'status', start, end: scanner.position };
    if (scanner.take('(')) {
      const pipeline = this.parsePipeline(scanner, ')');
      scanner.skipSpace();
      if (!scanner.take(')')) scanner.noteOpen('The bracket $(', start);
      if (pipeline !== null) return { kind: 'output', pipeline, start, end: scanner.position };
    } else {
      const name = scanner.match(NAME);
      if (name !== null) return { kind: 'variable', name, path: '', start, end: scanner.position };
      scanner.position = start;
    }
    return null;
  }

  #property(variable: Extract<Expansion, { kind: 'variable' }>): Value {
    const path = this.scanner.match(PATH);
    if (path === null) return variable;
    return { ...variable, path: path.slice(1), end: this.scanner.position };
  }

  #list(start: number): Value {
    const { scanner } = this;
    const items: Value[] = [];
    this.#members(start, ']', () => {
      const item = this.parse(',]');
      if (item !== null) items.push(item);
      return item !== null;
    });
    return { kind: 'list', items, start, end: scanner.position };
  }

  #object(start: number): Value {
    const { scanner } = this;
    const entries: ObjectEntry[] = [];
    this.#members(start, '}', () => {
      const key = this.parse(':,}');
      const name = key === null ? null : textOf(key);
      if (name === null) {
        scanner.note('A name is missing here');
        return false;
      }
      scanner.skipSpace();
      if (!scanner.take(':')) {
        scanner.note(`A colon is missing behind ${name}`);
        return false;
      }
      scanner.skipSpace();
      const value = this.parse(',}');
      if (value !== null) entries.push([name, value]);
      return value !== null;
    });
    return { kind: 'object', entries, start, end: scanner.position };
  }

  /** Members with commas between, up to the closing bracket; behind a member that is none nothing is tried. */
  #members(start: number, close: string, parseMember: () => boolean): void {
    const { scanner } = this;
    const opening = scanner.peek();
    scanner.position += 1;
    scanner.skipSpace();
    while (!scanner.isAtEnd && scanner.peek() !== close) {
      if (!parseMember()) break;
      scanner.skipSpace();
      if (!scanner.take(',')) break;
      scanner.skipSpace();
    }
    if (scanner.take(close)) return;
    if (scanner.isAtEnd) scanner.noteOpen(`The bracket ${opening}`, start);
    else scanner.note(`A comma or ${close} is missing here`);
  }
}

/** The text of a value that is one as it stands; null when it has to be worked out. */
function textOf(value: Value): string | null {
  if (value.kind === 'bare') return value.text;
  if (value.kind !== 'quoted') return null;
  const [part = '', ...others] = value.parts;
  return typeof part === 'string' && others.length === 0 ? part : null;
}
