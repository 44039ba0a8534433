import type { SendOutcome } from '../../system/index.js';
import type { LogDestination, TellTrouble } from './log-destination.js';

export interface DatagramSettings {
  readonly socket: { readonly path: string; send(message: Buffer): SendOutcome };
  readonly format: (line: string) => Buffer;
  readonly tellTrouble: TellTrouble;
}

/** Lines kept while the log's daemon is away or slow: it may be started again, or upgraded. */
const KEPT_LINES = 2_000;
const RETRY_MS = 500;

/**
 * Sends each line to a daemon on this machine, at once. While that is away lines wait in order, the
 * oldest of them being lost when there are too many, which a line then says. The server never waits.
 */
export class DatagramDestination implements LogDestination {
  readonly #waiting: string[] = [];
  #lost = 0;
  #isAway = false;
  #retry: NodeJS.Timeout | null = null;

  constructor(private readonly settings: DatagramSettings) {}

  write(line: string): void {
    if (this.#waiting.length === 0 && this.#send(line)) return;
    this.#waiting.push(line);
    if (this.#waiting.length > KEPT_LINES) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    this.#retry ??= setInterval(() => this.flushSync(), RETRY_MS).unref();
  }

  reopen(): void {
    this.flushSync(); // it is no file: perhaps its daemon is there by now
  }

  flushSync(): void {
    while (this.#waiting.length > 0 && this.#send(this.#waiting[0] ?? '')) this.#waiting.shift();
    if (this.#waiting.length > 0) return;
    if (this.#retry !== null) clearInterval(this.#retry);
    this.#retry = null;
    this.#isAway = false;
    if (this.#lost > 0 && this.#send(lossLine(this.#lost))) this.#lost = 0;
  }

  /** False when the line is to be sent again later. */
  #send(line: string): boolean {
    const outcome = this.settings.socket.send(this.settings.format(line));
    if (outcome === 'sent') return true;
    if (outcome === 'too-long') {
      this.#lost += 1;
      return true;
    }
    if (outcome === 'gone' && !this.#isAway) {
      this.#isAway = true;
      const { path } = this.settings.socket;
      this.settings.tellTrouble(
        `Nobody reads the log socket ${path}: the latest ${KEPT_LINES} lines wait until somebody does`,
      );
    }
    return false;
  }
}

function lossLine(count: number): string {
  const msg = `${count} lines of the log were lost while its daemon was away or slow`;
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, component: 'server', msg })}\n`;
}
