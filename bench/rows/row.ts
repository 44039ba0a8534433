import type { BenchOptions } from '../options.js';

/** One line of the table: what one subject showed for a piece of work. */
export interface Line {
  readonly subject: string;
  readonly value: number;
  readonly unit: string;
  /** Operations a second, where throughput means anything. */
  readonly perSecond?: number;
  /** Cores the server kept busy meanwhile. */
  readonly busy?: number;
  /** The product against this subject, above 1 where the product is better; lowest and highest round beside it. */
  readonly ratio?: { readonly median: number; readonly lowest: number; readonly highest: number };
}

/** The figure that decides, and what it should be. */
export interface Goal {
  /** What is compared, in words: `CPU per call of ws-json / dispatcher`. */
  readonly figure: string;
  readonly target: number;
  readonly better: 'higher' | 'lower';
  readonly achieved: number;
}

/** A block of the table. */
export interface RowResult {
  readonly row: string;
  readonly work: string;
  readonly lines: readonly Line[];
  /** Absent when the product could not be measured. */
  readonly goal?: Goal;
  /** Why something is missing, or what the reader must know. */
  readonly notes: readonly string[];
}

/** What a row gets to work with. */
export interface RowContext {
  readonly options: BenchOptions;
  /** Says on stderr what is going on. */
  progress(text: string): void;
}

/** A measurement of the bench; one file each, listed in `rows/index.ts`. */
export interface Row {
  /** The name for `--only`. */
  readonly name: string;
  run(context: RowContext): Promise<readonly RowResult[]>;
}

/** Whether the goal is met. */
export function isMet({ achieved, target, better }: Goal): boolean {
  return better === 'higher' ? achieved >= target : achieved <= target;
}
