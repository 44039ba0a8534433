import type { SyntaxProblem } from './ast.js';

const BLANK = /[ \t\r]/;
/** Ends a bare word, wherever it stands. */
const HARD_END = new Set([' ', '\t', '\r', '\n', ';', '|', '"', "'", '(', ')', '<', '>']);

/** A place in a text that goes forward. What it finds wrong it notes, and goes on. */
export class Scanner {
  readonly problems: SyntaxProblem[] = [];
  open: string | null = null;
  position = 0;

  constructor(readonly text: string) {}

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The character here, or one further on; empty behind the end. */
  peek(offset = 0): string {
    return this.text[this.position + offset] ?? '';
  }

  startsWith(word: string): boolean {
    return this.text.startsWith(word, this.position);
  }

  /** Takes a word of punctuation if it stands here. */
  take(word: string): boolean {
    if (!this.startsWith(word)) return false;
    this.position += word.length;
    return true;
  }

  /** Takes a name if it stands here as a whole word. */
  takeKeyword(word: string): boolean {
    if (!this.startsWith(word)) return false;
    const next = this.peek(word.length);
    if (next !== '' && !BLANK.test(next) && !'\n{;'.includes(next)) return false;
    this.position += word.length;
    return true;
  }

  /** Takes what fits the sticky expression here; null when nothing does. */
  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    const [found] = pattern.exec(this.text) ?? [];
    if (found === undefined || found === '') return null;
    this.position += found.length;
    return found;
  }

  /** Blanks, a backslash at the end of a line, and comments, which begin at the start of a word. */
  skipBlanks(): void {
    for (;;) {
      if (BLANK.test(this.peek())) this.position += 1;
      else if (this.startsWith('\\\n')) this.position += 2;
      else if (this.peek() === '#' && this.#isWordStart()) this.#skipLine();
      else return;
    }
  }

  /** The same, and ends of lines. */
  skipSpace(): void {
    do this.skipBlanks();
    while (this.take('\n'));
  }

  note(message: string, start = this.position, end = Math.max(start, this.position)): void {
    this.problems.push({ message, start, end });
  }

  /** Something that was begun goes on behind the end of the text. */
  noteOpen(what: string, start: number): void {
    this.open ??= what;
    this.note(`${what} is not closed`, start);
  }

  /**
   * A bare word up to a blank, an operator or one of `ends`. A backslash takes the next character as it
   * is; `&` ends it where it is an operator.
   */
  bare(ends = ''): string {
    let word = '';
    while (!this.isAtEnd) {
      const character = this.peek();
      if (HARD_END.has(character) || ends.includes(character)) break;
      if (character === '&' && this.#isOperatorAt(this.position)) break;
      if (character === '\\' && this.peek(1) !== '') {
        if (this.peek(1) === '\n') break;
        word += this.peek(1);
        this.position += 2;
        continue;
      }
      word += character;
      this.position += 1;
    }
    return word;
  }

  /** `&&`, or an `&` behind which the word ends. */
  #isOperatorAt(position: number): boolean {
    const next = this.text[position + 1] ?? '';
    return next === '' || next === '&' || /[\s;}]/.test(next);
  }

  #isWordStart(): boolean {
    return this.position === 0 || /[\s;|&(){}]/.test(this.text[this.position - 1] ?? '');
  }

  #skipLine(): void {
    const end = this.text.indexOf('\n', this.position);
    this.position = end === -1 ? this.text.length : end;
  }
}
