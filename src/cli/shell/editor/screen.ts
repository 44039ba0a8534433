import { heightAt, type Layout, layOut, type View, windowOf } from './layout.js';
import type { Terminal } from './terminal.js';

const CLEAR_BELOW = '\x1b[J';
const CLEAR_ALL = '\x1b[H\x1b[2J';

/** Shows a line that is being typed, and takes it away again; what stands above it stays. */
export class Screen {
  #shown: Layout | null = null;

  constructor(private readonly terminal: Terminal) {}

  show(view: View): void {
    this.terminal.write(this.#erased() + this.#drawn(view));
  }

  /** Text above the line; the line and its cursor are as before. */
  printAbove(text: string, view: View): void {
    this.terminal.write(this.#erased() + withLineEnd(text) + this.#drawn(view));
  }

  /** The line stays as a part of what has happened; the cursor is below it. */
  leave(view: View): void {
    const erased = this.#erased();
    const { rows } = layOut({ ...view, hint: '', below: [] }, this.terminal.columns);
    this.#shown = null;
    this.terminal.write(`${erased}${rows.join('\r\n')}\r\n`);
  }

  erase(): void {
    this.terminal.write(this.#erased());
  }

  clear(view: View): void {
    this.#shown = null;
    this.terminal.write(CLEAR_ALL + this.#drawn(view));
  }

  /** As far as can be known: terminals differ in what they do with rows at another width. */
  resized(): void {
    const shown = this.#shown;
    if (shown === null) return;
    const { columns } = this.terminal;
    const above = heightAt(shown.widths.slice(0, shown.cursorRow), columns);
    const row = above + Math.floor(shown.cursorColumn / columns);
    this.#shown = { ...shown, cursorRow: row };
  }

  #drawn(view: View): string {
    const { columns, rows } = this.terminal;
    const layout = windowOf(layOut(view, columns), Math.max(1, rows - 1));
    this.#shown = layout;
    const up = layout.rows.length - 1 - layout.cursorRow;
    return (
      layout.rows.join('\r\n') +
      (up > 0 ? `\x1b[${up}A` : '') +
      '\r' +
      (layout.cursorColumn > 0 ? `\x1b[${layout.cursorColumn}C` : '')
    );
  }

  #erased(): string {
    const shown = this.#shown;
    this.#shown = null;
    if (shown === null) return '';
    const up = shown.cursorRow > 0 ? `\x1b[${shown.cursorRow}A` : '';
    return `\r${up}${CLEAR_BELOW}`;
  }
}

function withLineEnd(text: string): string {
  const lines = text.replaceAll(/\r?\n/g, '\r\n');
  return lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
}
