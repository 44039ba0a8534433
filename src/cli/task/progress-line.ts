import type { CommandIo } from '../command.js';
import { printable } from '../output/index.js';
import { shorten } from '../output/shorten.js';
import { widthOf } from '../output/width.js';

const BAR = 10;
const USUAL_WIDTH = 80;
const FULL = 100;

/** One line on a terminal that is written over and over; nothing where there is none. */
export class ProgressLine {
  /** Cells that are written over. */
  #shown = 0;
  readonly #notices: CommandIo['notices'];

  constructor({ notices }: Pick<CommandIo, 'notices'>) {
    this.#notices = notices;
  }

  get isShown(): boolean {
    return this.#notices.isTTY === true;
  }

  /** Without escape sequences: blanks hide what was there. */
  show(text: string): void {
    if (!this.isShown) return;
    const { columns = 0 } = this.#notices;
    const width = (columns === 0 ? USUAL_WIDTH : columns) - 1;
    const line = shorten(printable(text), width);
    const cells = widthOf(line);
    const hidden = ' '.repeat(Math.max(0, this.#shown - cells));
    this.#notices.write(`\r${line}${hidden}\r${line}`);
    this.#shown = cells;
  }

  clear(): void {
    if (this.#shown === 0) return;
    this.#notices.write(`\r${' '.repeat(this.#shown)}\r`);
    this.#shown = 0;
  }
}

/** `[#####     ] 50 % Copying…`; without a percentage only the message. */
export function progressText(percentage: number | null, message: string | null): string {
  if (percentage === null) return message ?? 'running';
  const share = Math.min(Math.max(percentage, 0), FULL) / FULL;
  const bar = '#'.repeat(Math.round(share * BAR)).padEnd(BAR);
  return `[${bar}] ${Math.round(share * FULL)} %${message === null ? '' : ` ${message}`}`;
}
