import { nextBoundary, previousBoundary, wordEnd, wordStart } from './boundaries.js';

interface Snapshot {
  readonly text: string;
  readonly cursor: number;
}

/** Steps back that are kept. */
const MAX_UNDO = 200;
/** More than this is no line of a person; a paste beyond it is cut off. */
const MAX_LENGTH = 1_048_576;

/** The text that is being typed, and the cursor in it. Knows nothing of terminals. */
export class EditBuffer {
  #text = '';
  #cursor = 0;
  #killed = '';
  readonly #past: Snapshot[] = [];
  /** Letters that are typed one after the other are undone together. */
  #isTyping = false;

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get isAtEnd(): boolean {
    return this.#cursor === this.#text.length;
  }

  /** Other text in place of this, which `undo` brings back. */
  set(text: string, cursor = text.length): void {
    this.#remember();
    this.#text = text.slice(0, MAX_LENGTH);
    this.#cursor = Math.min(cursor, this.#text.length);
  }

  /** Begins anew: there is nothing to undo. */
  reset(text = ''): void {
    this.#past.length = 0;
    this.#isTyping = false;
    this.#text = text;
    this.#cursor = text.length;
  }

  /** @returns false when there was no room for all of it */
  insert(text: string): boolean {
    const room = MAX_LENGTH - this.#text.length;
    const part = text.slice(0, room);
    const isLetter = text.length === 1 && text !== ' ';
    if (!(isLetter && this.#isTyping)) this.#remember();
    this.#isTyping = isLetter;
    this.#replace(this.#cursor, this.#cursor, part);
    return part.length === text.length;
  }

  replace(start: number, end: number, text: string): void {
    this.#remember();
    this.#replace(start, end, text.slice(0, MAX_LENGTH - this.#text.length + end - start));
  }

  moveTo(cursor: number): void {
    this.#isTyping = false;
    this.#cursor = Math.min(Math.max(cursor, 0), this.#text.length);
  }

  left(): void {
    this.moveTo(previousBoundary(this.#text, this.#cursor));
  }

  right(): void {
    this.moveTo(nextBoundary(this.#text, this.#cursor));
  }

  wordLeft(): void {
    this.moveTo(wordStart(this.#text, this.#cursor));
  }

  wordRight(): void {
    this.moveTo(wordEnd(this.#text, this.#cursor));
  }

  lineStart(): void {
    this.moveTo(this.#lineStart());
  }

  lineEnd(): void {
    this.moveTo(this.#lineEnd());
  }

  /** @returns false in the first line */
  lineUp(): boolean {
    const start = this.#lineStart();
    if (start === 0) return false;
    const above = start < 2 ? 0 : this.#text.lastIndexOf('\n', start - 2) + 1;
    this.moveTo(Math.min(above + this.#cursor - start, start - 1));
    return true;
  }

  /** @returns false in the last line */
  lineDown(): boolean {
    const end = this.#lineEnd();
    if (end === this.#text.length) return false;
    const column = this.#cursor - this.#lineStart();
    const next = this.#text.indexOf('\n', end + 1);
    this.moveTo(Math.min(end + 1 + column, next === -1 ? this.#text.length : next));
    return true;
  }

  deleteLeft(): void {
    this.#delete(previousBoundary(this.#text, this.#cursor), this.#cursor);
  }

  deleteRight(): void {
    this.#delete(this.#cursor, nextBoundary(this.#text, this.#cursor));
  }

  killWordLeft(): void {
    this.#kill(wordStart(this.#text, this.#cursor), this.#cursor);
  }

  /** Back to a blank, as ^W does everywhere. */
  killBlankWordLeft(): void {
    const before = this.#text.slice(0, this.#cursor);
    this.#kill(before.search(/\S*\s*$/), this.#cursor);
  }

  killWordRight(): void {
    this.#kill(this.#cursor, wordEnd(this.#text, this.#cursor));
  }

  killToLineStart(): void {
    this.#kill(this.#lineStart(), this.#cursor);
  }

  /** At the end of a line the line break. */
  killToLineEnd(): void {
    const end = this.#lineEnd();
    this.#kill(this.#cursor, end === this.#cursor ? end + 1 : end);
  }

  yank(): void {
    if (this.#killed === '') return;
    this.#isTyping = false;
    this.insert(this.#killed);
  }

  /** The last two characters change places. */
  transpose(): void {
    const end = this.isAtEnd ? this.#cursor : nextBoundary(this.#text, this.#cursor);
    const middle = previousBoundary(this.#text, end);
    const start = previousBoundary(this.#text, middle);
    if (start === middle) return;
    this.replace(start, end, this.#text.slice(middle, end) + this.#text.slice(start, middle));
  }

  undo(): void {
    const before = this.#past.pop();
    this.#isTyping = false;
    if (before === undefined) return;
    this.#text = before.text;
    this.#cursor = before.cursor;
  }

  #lineStart(): number {
    // a search that begins before the text begins at its first character
    return this.#cursor === 0 ? 0 : this.#text.lastIndexOf('\n', this.#cursor - 1) + 1;
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#cursor);
    return end === -1 ? this.#text.length : end;
  }

  #kill(start: number, end: number): void {
    if (start >= end) return;
    this.#killed = this.#text.slice(start, end);
    this.#delete(start, end);
  }

  #delete(start: number, end: number): void {
    if (start >= end) return;
    this.#remember();
    this.#replace(start, end, '');
  }

  #replace(start: number, end: number, text: string): void {
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
    this.#cursor = start + text.length;
  }

  #remember(): void {
    this.#isTyping = false;
    this.#past.push({ text: this.#text, cursor: this.#cursor });
    if (this.#past.length > MAX_UNDO) this.#past.shift();
  }
}
