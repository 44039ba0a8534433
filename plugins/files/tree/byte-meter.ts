import type { TreeTotals } from './tree-totals.js';

/** What a meter tells; the task of that name. */
export interface ProgressSink {
  setProgress(percentage: number | null, message?: string, extra?: unknown): void;
}

/** A task may report at any rate, but each report of an isolated one is a message to the server. */
const REPORT_EVERY_MS = 100;
const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/**
 * Progress by bytes. A tree that grows while it is read does not get past 100 percent; a tree of
 * nothing but empty files is measured by its entries.
 */
export class ByteMeter {
  #bytes = 0;
  #entries = 0;
  #nextMs = 0;

  constructor(
    private readonly sink: ProgressSink,
    /** What is done to the bytes: "Copied". */
    private readonly verb: string,
    private readonly total: TreeTotals,
  ) {}

  /** Bytes that were worked on; negative for those that have to be worked on again. */
  add(bytes: number, path: string): void {
    this.#bytes += bytes;
    this.#tell(path);
  }

  /** An entry that is done with. */
  done(path: string): void {
    this.#entries += 1;
    this.#tell(path);
  }

  finish(): void {
    this.#nextMs = 0;
    this.#send(100, null);
  }

  #tell(path: string): void {
    const now = performance.now();
    if (now < this.#nextMs) return;
    this.#nextMs = now + REPORT_EVERY_MS;
    const { bytes } = this.total;
    const share = bytes > 0 ? this.#bytes / bytes : this.#entries / this.#allEntries;
    this.#send(Math.min(100, Math.max(0, 100 * share)), path);
  }

  #send(percentage: number, path: string | null): void {
    const { bytes } = this.total;
    this.sink.setProgress(
      percentage,
      `${this.verb} ${readable(this.#bytes)} of ${readable(Math.max(bytes, this.#bytes))}`,
      {
        done_bytes: this.#bytes,
        total_bytes: bytes,
        done_entries: this.#entries,
        total_entries: this.#allEntries,
        path,
      },
    );
  }

  get #allEntries(): number {
    const { files, directories, links } = this.total;
    return Math.max(1, files + directories + links);
  }
}

function readable(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
