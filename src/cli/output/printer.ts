import { once } from 'node:events';
import type { CommandIo } from '../command.js';
import type { Options } from '../arguments/options.js';
import { UsageError } from '../exit-status.js';
import { isScalar } from './cells.js';
import { pagerOf, showInPager } from './pager.js';
import { printable } from './printable.js';
import { type Format, render } from './render.js';

const USUAL_WIDTH = 80;
const FORMATS = ['json', 'yaml', 'csv', 'ndjson', 'table'] as const;

/** Where it writes, and what decides how. */
export type PrinterIo = Pick<CommandIo, 'input' | 'output' | 'env' | 'lend'> & {
  readonly notices: { readonly write: (text: string) => unknown };
};

export interface PrintOptions {
  /** Columns of a table where nobody selected any. */
  readonly columns?: readonly string[];
  /** What is written into a pipe where no form was asked for; `text` leaves bare scalars bare. */
  readonly piped?: 'json' | 'text';
}

/** Writes answers in the form that was asked for: a table on a terminal, JSON elsewhere. */
export class Printer {
  readonly #asked: Format | null;
  readonly #select: readonly string[] | null;
  readonly #isWrapped: boolean;
  #hasHeader = false;
  /** Of the line above the rows of CSV; null before it is written. */
  #csvNames: readonly string[] | null = null;
  /** Names that rows had later, and that have been told of. */
  readonly #late = new Set<string>();
  /** As the configuration says, which is known a moment later. */
  pager: 'auto' | 'never' = 'auto';

  /** @throws UsageError for two forms at once */
  constructor(
    private readonly io: PrinterIo,
    options: Options,
  ) {
    const asked = FORMATS.filter((format) => options.has(format));
    if (asked.length > 1) {
      throw new UsageError(`Only one of ${asked.map((format) => `--${format}`).join(', ')}`);
    }
    this.#asked = asked[0] ?? null;
    this.#isWrapped = options.has('wrap');
    const fields = options.text('select');
    this.#select = fields === null ? null : fields.split(',').map((field) => field.trim());
    if (this.#select?.includes('') === true)
      throw new UsageError('--select: names with commas between');
  }

  /** Null: nobody asked for one. */
  get asked(): Format | null {
    return this.#asked;
  }

  /** Somebody reads it on a terminal, and asked for no form: what suits people best is right. */
  get isForPeople(): boolean {
    return this.#asked === null && this.io.output.isTTY === true;
  }

  /** Writes a whole answer. */
  async print(value: unknown, options: PrintOptions = {}): Promise<void> {
    const format = this.#asked ?? this.#usual(options);
    const { columns = null } = options;
    const { output, notices } = this.io;
    if (format === 'table' && isEmpty(value)) {
      notices.write('(none)\n');
      return;
    }
    const width = output.isTTY === true ? widthOf(output) : null;
    const layout = { width, columns, isWrapped: this.#isWrapped };
    await this.#show(await render(value, { format, select: this.#select, ...layout }));
  }

  /**
   * Writes items of an answer that goes on, one a line; a table of what nobody has seen yet has no widths.
   * Resolves when whoever reads has taken them.
   */
  async printItems(items: readonly unknown[]): Promise<void> {
    if (this.#asked === 'csv') {
      await this.#printCsvRows(items);
      return;
    }
    for (const item of items) {
      const text = await this.#itemText(item);
      const { output } = this.io;
      if (!output.write(text)) await once(output, 'drain');
    }
  }

  /** The same on a terminal as rows of a table, under its names the first time. */
  async printMore(rows: readonly unknown[], options: PrintOptions = {}): Promise<void> {
    const { output } = this.io;
    if ((this.#asked ?? this.#usual(options)) !== 'table') {
      await this.printItems(rows);
      return;
    }
    const { columns = null } = options;
    const layout = { width: widthOf(output), columns, isWrapped: this.#isWrapped };
    const text = await render(rows, { format: 'table', select: this.#select, ...layout });
    const isNamed = rows.some((row) => !isScalar(row));
    output.write(isNamed && this.#hasHeader ? text.slice(text.indexOf('\n') + 1) : text);
    this.#hasHeader = true;
  }

  /** Writes a text as it is; a long one into the pager, on a terminal. */
  printText(text: string): Promise<void> {
    return this.#show(text);
  }

  async #itemText(item: unknown): Promise<string> {
    const asked = this.#asked ?? 'ndjson';
    const format = asked === 'json' || asked === 'table' ? 'ndjson' : asked;
    const options = { format, select: this.#select };
    if (format === 'yaml') return `---\n${await render(item, options)}`;
    return render([item], options);
  }

  /** Under the names of the first that came: nobody knows what will come. */
  async #printCsvRows(rows: readonly unknown[]): Promise<void> {
    if (rows.length === 0) return;
    const { csvNames } = await import('./csv.js');
    const { output, notices } = this.io;
    const names = this.#csvNames;
    const own = this.#select ?? csvNames(rows);
    const late = own.filter((name) => names?.includes(name) === false && !this.#late.has(name));
    if (late.length > 0) {
      late.forEach((name) => this.#late.add(name));
      const what = late.map(printable).join(', ');
      notices.write(
        `${what}: not among the names of the first rows, so left out; --ndjson has it\n`,
      );
    }
    this.#csvNames ??= own;
    const width = output.isTTY === true ? widthOf(output) : null;
    const text = await render(rows, { format: 'csv', select: this.#select, width, names });
    if (!output.write(text)) await once(output, 'drain');
  }

  #usual({ piped = 'text' }: PrintOptions): Format {
    return this.io.output.isTTY === true ? 'table' : piped;
  }

  async #show(text: string): Promise<void> {
    const { output, input, env } = this.io;
    const rows = output.rows === undefined || output.rows === 0 ? Infinity : output.rows;
    const isLong = output.isTTY === true && input.isTTY === true && text.split('\n').length > rows;
    const command = isLong ? pagerOf(env, this.pager) : null;
    if (command !== null && (await showInPager(text, command, this.io.lend))) return;
    output.write(text);
  }
}

/** A list without rows, or an object without properties. */
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Some terminals do not know how wide they are. */
function widthOf({ columns }: PrinterIo['output']): number {
  return columns === undefined || columns === 0 ? USUAL_WIDTH : columns;
}
