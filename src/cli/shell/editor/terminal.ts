import { writeSync } from 'node:fs';
import { emitKeypressEvents, type Key } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What a terminal is read from; `setRawMode` is there where it is one. */
export type TerminalInput = Readable & { setRawMode?: (isRaw: boolean) => unknown };
export type TerminalOutput = Writable & {
  readonly columns?: number;
  readonly rows?: number;
  readonly fd?: number;
};

export interface TerminalListener {
  onKey(text: string | undefined, key: Key): void;
  onResize(): void;
  /** The terminal went away, or what is read has ended. */
  onEnd(): void;
}

const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const USUAL = { columns: 80, rows: 24 };
const MIN_COLUMNS = 4;

/**
 * A terminal that hands over every key and shows nothing by itself. Whoever opens it closes it, whatever
 * happens: `restore` does it at once, also while the process ends.
 */
export class Terminal {
  #listener: TerminalListener | null = null;
  #isRaw = false;
  readonly #onKey = (text: string | undefined, key: Key): void => {
    this.#listener?.onKey(text, key);
  };
  readonly #onResize = (): void => this.#listener?.onResize();
  readonly #onEnd = (): void => this.#listener?.onEnd();
  readonly #onExit = (): void => this.restore();

  constructor(
    private readonly input: TerminalInput,
    private readonly output: TerminalOutput,
  ) {}

  get columns(): number {
    const { columns = 0 } = this.output;
    return columns <= 0 ? USUAL.columns : Math.max(columns, MIN_COLUMNS);
  }

  get rows(): number {
    const { rows = 0 } = this.output;
    return rows <= 0 ? USUAL.rows : rows;
  }

  open(listener: TerminalListener): void {
    this.#listener = listener;
    emitKeypressEvents(this.input);
    this.input.on('keypress', this.#onKey);
    this.input.on('end', this.#onEnd);
    this.input.on('error', this.#onEnd);
    this.output.on('resize', this.#onResize);
    process.on('exit', this.#onExit);
    this.take();
  }

  close(): void {
    this.release();
    this.#listener = null;
    this.input.off('keypress', this.#onKey);
    this.input.off('end', this.#onEnd);
    this.output.off('resize', this.#onResize);
    process.off('exit', this.#onExit);
  }

  /** Every key comes to us from here on. */
  take(): void {
    if (this.#isRaw) return;
    this.#isRaw = true;
    this.input.setRawMode?.(true);
    this.output.write(PASTE_ON);
    this.input.resume();
  }

  /** The terminal as we found it, for another program or for good; nothing of what is typed is taken. */
  release(): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    this.input.pause();
    this.output.write(PASTE_OFF);
    this.#cook();
  }

  /** The same for a process that has no time left: what is written is written when this returns. */
  restore(): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    try {
      writeSync(this.output.fd ?? 1, PASTE_OFF);
    } catch {
      // it has gone
    }
    this.#cook();
  }

  write(text: string): void {
    this.output.write(text);
  }

  #cook(): void {
    try {
      this.input.setRawMode?.(false);
    } catch {
      // it has gone
    }
  }
}
