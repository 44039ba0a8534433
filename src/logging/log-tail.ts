import type { DestinationStream } from 'pino';
import type { LogRecord } from '../wire/index.js';

/** Lines kept for those who begin to watch: what led to the trouble they came for. */
const KEPT_LINES = 1_000;
/** Longer lines are passed on and not kept: a thousand of them may not fill the memory. */
const MAX_KEPT_LENGTH = 16_384;

type Watcher = (line: LogRecord) => void;

/**
 * Stands before the log's destination, keeps the latest lines and tells watchers of each one. Lines
 * are parsed only for somebody who reads them.
 */
export class LogTail implements DestinationStream {
  #texts: string[] = [];
  readonly #watchers = new Set<Watcher>();

  constructor(private readonly destination: DestinationStream & { flushSync?(): void }) {}

  write(text: string): void {
    this.destination.write(text);
    if (text.length > MAX_KEPT_LENGTH) return;
    this.#texts.push(text);
    // cut in bulk: a shift for every line would move the whole array each time
    if (this.#texts.length >= 2 * KEPT_LINES) this.#texts = this.#texts.slice(-KEPT_LINES);
    if (this.#watchers.size === 0) return;
    const line = parseLine(text);
    for (const watcher of this.#watchers) watcher(line);
  }

  /** pino asks for it before the process ends. */
  flushSync(): void {
    this.destination.flushSync?.();
  }

  /** The latest lines, oldest first. */
  recent(): LogRecord[] {
    return this.#texts.slice(-KEPT_LINES).map(parseLine);
  }

  /** Returns the function that ends it. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}

function parseLine(text: string): LogRecord {
  const { time, level, component, msg, ...fields } = JSON.parse(text) as Record<string, unknown>;
  return {
    time: String(time),
    level: String(level),
    component: typeof component === 'string' ? component : '',
    message: typeof msg === 'string' ? msg : '',
    fields,
  };
}
