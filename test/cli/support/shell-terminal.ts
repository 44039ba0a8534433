import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../../support/children-of.js';
import { VirtualScreen } from '../../support/virtual-screen.js';
import { CLEAN_ENVIRONMENT, quoted } from './run-cli.js';

const SHELL = fileURLToPath(new URL('../../../dist/src/cli/dispatcher-cli.js', import.meta.url));

export interface TerminalOptions {
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
  /** Run by the same terminal when the shell has ended. */
  readonly afterwards?: string;
}

/** How long something may take to be seen; this is no measurement. */
const PATIENCE_MS = 30_000;

export const KEY = {
  enter: '\r',
  tab: '\t',
  interrupt: '\x03',
  end: '\x04',
  suspend: '\x1a',
  search: '\x12',
  left: '\x1b[D',
  right: '\x1b[C',
  up: '\x1b[A',
} as const;

/** A real `dispatcher-cli` in a pseudo-terminal, and what a person sees of it. */
export class ShellTerminal {
  readonly screen: VirtualScreen;
  #ended: number | null = null;
  readonly #exit: Promise<unknown>;
  #onOutput: () => void = () => undefined;

  private constructor(
    readonly child: ChildProcess,
    { columns = 80, rows = 24 }: TerminalOptions,
  ) {
    this.screen = new VirtualScreen(columns, rows);
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.screen.write(text);
      this.#onOutput();
    });
    child.stdin!.on('error', () => undefined);
    this.#exit = once(child, 'close').then(([status]) => {
      this.#ended = status as number;
      this.#onOutput();
    });
  }

  static start(options: TerminalOptions = {}): ShellTerminal {
    const { words = [], env = {}, columns = 80, rows = 24, afterwards } = options;
    const program = [process.execPath, SHELL, ...words].map(quoted).join(' ');
    const size = `stty cols ${columns} rows ${rows}`;
    const command =
      afterwards === undefined
        ? `${size}; exec ${program}`
        : `${size}; ${program}; echo "status $?"; ${afterwards}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: {
        ...CLEAN_ENVIRONMENT,
        HOME: '/nonexistent',
        TERM: 'xterm',
        SHELL: '/bin/bash',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new ShellTerminal(child, options);
  }

  /** Presses keys. */
  type(keys: string): void {
    this.child.stdin!.write(keys);
  }

  /** Types a line and presses Enter. */
  line(text: string): void {
    this.type(`${text}\r`);
  }

  /** Waits until the prompt of a place stands at the cursor, with this text behind it. */
  prompt(place = '/', text = ''): Promise<void> {
    const wanted = `${place}> ${text}`.trimEnd();
    return this.until(`the prompt ${wanted}`, ({ cursor }) => cursor.line === wanted);
  }

  /** Waits until there is something to be seen. */
  async shows(wanted: string | RegExp): Promise<void> {
    await this.until(String(wanted), ({ everything }) =>
      typeof wanted === 'string' ? everything.includes(wanted) : wanted.test(everything),
    );
  }

  /** @throws Error with the screen when it does not come to pass */
  async until(what: string, holds: (screen: VirtualScreen) => boolean): Promise<void> {
    if (holds(this.screen)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`Not seen: ${what}\n--- the screen:\n${this.screen.everything}`));
      }, PATIENCE_MS);
      this.#onOutput = () => {
        if (!holds(this.screen)) return;
        clearTimeout(timer);
        this.#onOutput = () => undefined;
        resolve();
      };
    });
  }

  /** The status of the shell. */
  async ended(): Promise<number | null> {
    await this.#exit;
    return this.#ended;
  }

  /** Leaves, whatever it is at. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    this.child.kill('SIGKILL'); // the terminal goes away, which the shell sees
    await this.#exit;
  }

  /** Of the shell itself; only with nothing afterwards. */
  get pid(): number {
    const [pid] = childrenOf(this.child.pid!);
    if (pid === undefined) throw new Error('The shell does not run');
    return pid;
  }

  resize(columns: number, rows: number): void {
    this.screen.columns = columns;
    this.screen.height = rows;
    const tty = readlinkSync(`/proc/${this.pid}/fd/0`);
    execFileSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)]);
  }
}
