import { printable, printableLines } from '../../output/index.js';
import { shorten } from '../../output/shorten.js';
import type { CommandContext, Output } from '../../sdk/index.js';
import { progressText } from '../../task/progress-line.js';
import { inside, outside } from '../plugins/index.js';
import type { ShellIo } from '../shell-io.js';
import type { Evaluation } from './evaluation.js';

const USUAL = { columns: 80, rows: 24 };

interface Made {
  readonly context: CommandContext;
  /** Nothing of it has an effect from now on. */
  readonly end: () => void;
}

/** What the code of a plugin is handed: no text of it acts on the terminal, whatever it says. */
export function pluginContext({ io, signal, shell }: Evaluation, plugin: string): Made {
  const { progress } = io;
  let hasEnded = false;
  const output = new PluginOutput(io, plugin);
  const context = {
    client: shell.session.client,
    signal,
    output,
    progress: (percentage: number | null, message?: string): void => {
      if (hasEnded) return;
      outside(() => progress.show(progressText(percentage, message ?? null)));
    },
  };
  return {
    context: context as unknown as CommandContext, // the mark of the type exists for the compiler alone
    end: () => {
      hasEnded = true;
      output.end();
      progress.clear();
    },
  };
}

class PluginOutput implements Output {
  readonly #forgets = new Set<() => void>();
  #shown = 0;
  #hasEnded = false;

  constructor(
    private readonly io: ShellIo,
    private readonly plugin: string,
  ) {}

  get isTerminal(): boolean {
    return this.io.output.isTTY === true;
  }

  get columns(): number {
    return this.io.output.columns || USUAL.columns;
  }

  get rows(): number {
    return this.io.output.rows || USUAL.rows;
  }

  // whatever it is called with: types hold nobody to anything here
  write(text: unknown): void {
    this.#put(printableLines(String(text)));
  }

  show(lines: readonly unknown[]): void {
    if (!this.isTerminal) {
      this.#put(lines.map((line) => `${printable(String(line))}\n`).join(''));
      return;
    }
    const picture = lines
      .slice(0, Math.max(1, this.rows - 1))
      .map((line) => `${shorten(printable(String(line)), this.columns)}\n`);
    const back = this.#shown === 0 ? '' : `\x1b[${this.#shown}A\r\x1b[J`;
    this.#put(back + picture.join(''));
    this.#shown = picture.length;
  }

  onKey(listener: (key: string) => void): () => void {
    if (this.io.onKey === null || this.#hasEnded) return () => undefined;
    const forget = this.io.onKey((key) => inside(this.plugin, () => listener(key)));
    this.#forgets.add(forget);
    return forget;
  }

  end(): void {
    this.#hasEnded = true;
    for (const forget of this.#forgets) forget();
  }

  #put(text: string): void {
    if (this.#hasEnded) return;
    outside(() => {
      this.io.progress.clear();
      this.io.output.write(text);
    });
  }
}
