import { findSourceMap } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { PluginLocator } from './plugin-locator.js';
import { STALL_WATCHER } from './stall-watcher.js';

/** A time in which the event loop did nothing but one thing. */
export interface Stall {
  readonly durationMs: number;
  /** Null: it was no plugin's code, or it could not be seen. */
  readonly plugin: string | null;
  /** Class and function: `UserProvider.getByName`. */
  readonly method: string | null;
  readonly location: string | null;
  /** The process had no time to run in: whoever happened to be on the stack has no part in it. */
  readonly isMachine: boolean;
}

export interface StallOptions {
  readonly thresholdMs: number;
  readonly locator: PluginLocator;
  readonly onStall: (stall: Stall) => void;
}

interface Frame {
  readonly method: string;
  readonly file: string;
  /** Both from 0, in the code that runs. */
  readonly line: number;
  readonly column: number;
}

const FILE = /^(?:file:\/\/)?\//;
const BEAT_MS = 100;
/** Who holds up the event loop computes; less than this share of the time means that it could not. */
const LEAST_SHARE = 0.5;
/** The watcher's message may be later than the beat that ends the stall. */
const SETTLING_MS = 250;

/**
 * Finds out who holds up everybody. A timer of the event loop writes a beat into shared memory; a
 * thread that misses it looks at the main thread's stack through the inspector of V8, which works
 * while that is busy, and says what it saw. Calls pay nothing for it: nothing is done on their way.
 */
export class StallDetector {
  readonly #beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;
  #lastBeatMs = performance.now();
  #lastCpu = process.cpuUsage();
  #frames: readonly Frame[] = [];

  constructor(private readonly options: StallOptions) {
    const { thresholdMs } = options;
    this.#worker = new Worker(STALL_WATCHER, {
      eval: true,
      execArgv: [],
      workerData: { beats: this.#beats, thresholdMs },
    });
    this.#worker.on('message', (frames: readonly Frame[]) => (this.#frames = frames));
    // without it stalls are told all the same, only not whose they are
    this.#worker.on('error', () => undefined);
    this.#worker.unref();
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.terminate();
  }

  #beat(): void {
    const now = performance.now();
    const late = now - this.#lastBeatMs - BEAT_MS;
    const cpu = process.cpuUsage();
    const cpuMs = (cpu.user + cpu.system - this.#lastCpu.user - this.#lastCpu.system) / 1_000;
    this.#lastBeatMs = now;
    this.#lastCpu = cpu;
    Atomics.add(this.#beats, 0, 1);
    if (late < this.options.thresholdMs) return;
    const isIdle = cpuMs < late * LEAST_SHARE;
    setTimeout(() => this.#tell(late, isIdle), SETTLING_MS).unref();
  }

  #tell(durationMs: number, isIdle: boolean): void {
    const { locator, onStall } = this.options;
    const frames = this.#frames;
    this.#frames = [];
    const own = frames.find(({ file }) => locator.pluginOf(file) !== null);
    // a plugin that waits for another process computes nothing either, and is to blame all the same
    const isMachine = isIdle && own === undefined;
    // compiled validators have no file, and what is in Node.js itself was called by somebody
    const known = isMachine ? undefined : frames.find(({ file }) => FILE.test(file));
    const frame = own ?? known;
    onStall({
      isMachine,
      durationMs: Math.round(durationMs),
      plugin: own === undefined ? null : locator.pluginOf(own.file),
      method: frame?.method ?? null,
      location: frame === undefined ? null : placeOf(frame),
    });
  }
}

/** In the file as its author wrote it, where the process keeps source maps. */
function placeOf({ file, line, column }: Frame): string {
  const entry = findSourceMap(file)?.findEntry(line, column);
  const row = entry !== undefined && 'originalLine' in entry ? entry.originalLine : line;
  return `${file.replace(/^file:\/\//, '')}:${row + 1}`;
}
