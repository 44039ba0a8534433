import { printable } from '../../output/printable.js';
import { graphemesOf, widthOf } from '../../output/width.js';
import { type Piece, styled, type Style } from './style.js';

/** What is shown while a line is typed. */
export interface View {
  readonly prompt: readonly Piece[];
  /** In front of every line but the first. */
  readonly continuation: string;
  readonly text: string;
  readonly cursor: number;
  /** Behind the text, which is not part of it. */
  readonly hint: string;
  /** Rows below, each as wide as the screen at most. */
  readonly below: readonly string[];
  readonly hasColour: boolean;
}

export interface Layout {
  readonly rows: readonly string[];
  /** In cells, row by row: what becomes of them when the screen changes its width depends on it. */
  readonly widths: readonly number[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/** Rows as the screen shows them. Each break is ours, so we know where everything is. */
export function layOut(view: View, columns: number): Layout {
  const rows = new RowWriter(columns, view.hasColour);
  for (const { text, style } of view.prompt) rows.write(text, style);
  const { text, cursor, hint, continuation } = view;
  const write = (part: string, style: Style): void => {
    for (const [at, line] of part.split('\n').entries()) {
      if (at > 0) {
        rows.breakLine();
        rows.write(continuation, 'faint');
      }
      rows.write(line, style);
    }
  };
  write(text.slice(0, cursor), 'plain');
  const place = rows.place();
  write(text.slice(cursor), 'plain');
  write(hint, 'faint');
  const above = rows.finish();
  return {
    rows: [...above.rows, ...view.below],
    widths: [...above.widths, ...view.below.map((row) => widthOf(row))],
    cursorRow: place.row,
    cursorColumn: place.column,
  };
}

/** Of a layout that is higher than the screen the part round the cursor. */
export function windowOf(layout: Layout, height: number): Layout {
  const { rows, widths, cursorRow, cursorColumn } = layout;
  if (rows.length <= height) return layout;
  const first = Math.min(Math.max(0, cursorRow - height + 1), rows.length - height);
  const start = cursorRow < height ? 0 : first;
  return {
    rows: rows.slice(start, start + height),
    widths: widths.slice(start, start + height),
    cursorRow: cursorRow - start,
    cursorColumn,
  };
}

/** How high rows that were written at another width are now, if the terminal breaks them anew. */
export function heightAt(widths: readonly number[], columns: number): number {
  return widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
}

const TAB = '  ';

/** Puts characters into rows of so many cells. */
class RowWriter {
  readonly #rows: string[] = [];
  readonly #widths: number[] = [];
  #row = '';
  #run = '';
  #style: Style = 'plain';
  #width = 0;

  constructor(
    private readonly columns: number,
    private readonly hasColour: boolean,
  ) {}

  write(text: string, style: Style): void {
    if (style !== this.#style) this.#endRun();
    this.#style = style;
    for (const { segment } of graphemesOf(text)) {
      const shown = segment === '\t' ? TAB : printable(segment);
      const width = widthOf(shown);
      if (this.#width + width > this.columns) this.breakLine();
      this.#run += shown;
      this.#width += width;
    }
  }

  breakLine(): void {
    this.#endRun();
    this.#rows.push(this.#row);
    this.#widths.push(this.#width);
    this.#row = '';
    this.#width = 0;
  }

  /** Where the next character goes; at the right edge that is the next row. */
  place(): { readonly row: number; readonly column: number } {
    if (this.#width >= this.columns) this.breakLine();
    return { row: this.#rows.length, column: this.#width };
  }

  finish(): { readonly rows: readonly string[]; readonly widths: readonly number[] } {
    this.breakLine();
    return { rows: this.#rows, widths: this.#widths };
  }

  #endRun(): void {
    if (this.#run === '') return;
    this.#row += this.hasColour ? styled(this.#run, this.#style) : this.#run;
    this.#run = '';
  }
}
