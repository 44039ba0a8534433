import { readFileSync } from 'node:fs';

export interface MemorySample {
  readonly seconds: number;
  /** MiB of the process that are in memory. */
  readonly residentMiB: number;
  /** MiB of it that no file stands behind: heaps, stacks, what libraries allocate. */
  readonly anonymousMiB: number;
}

/** Looks at the memory of a process every few seconds, from outside. */
export class MemoryWatch {
  readonly samples: MemorySample[] = [];
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly pid: number,
    everyMs = 2_000,
  ) {
    this.#timer = setInterval(() => this.look(), everyMs);
  }

  look(): MemorySample {
    const rollup = readFileSync(`/proc/${this.pid}/smaps_rollup`, 'latin1');
    const mebibytes = (key: string): number =>
      Number(new RegExp(`^${key}: +(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1_024;
    const sample = {
      seconds: (performance.now() - this.#startMs) / 1_000,
      residentMiB: mebibytes('Rss'),
      anonymousMiB: mebibytes('Anonymous'),
    };
    this.samples.push(sample);
    return sample;
  }

  /** The middle of what was resident around that time: one look may fall into a collection. */
  residentAround(seconds: number, spanSeconds: number): number {
    const near = this.samples
      .filter((sample) => Math.abs(sample.seconds - seconds) <= spanSeconds)
      .map(({ residentMiB }) => residentMiB)
      .sort((a, b) => a - b);
    const middle = near[Math.floor(near.length / 2)];
    if (middle === undefined) throw new Error(`Nobody looked around second ${seconds}`);
    return middle;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
