import { messageOf } from '../common/index.js';
import type { EventSource, Logger } from '../sdk/index.js';
import type { EventSourceRow } from '../wire/index.js';
import type { Clock } from './clock.js';
import type { EventRouter } from './event-router.js';
import type { Unwatch } from './interest.js';

/** How long a loop that was told to stop is waited for. */
const STOP_TIMEOUT_MS = 5_000;
/** Of the pause before a loop that failed is run again. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A loop that ran for so long was well: its next failure counts as the first. */
const STEADY_AFTER_MS = 60_000;

/**
 * The life of an event source:
 *
 *     idle ── start ──▶ running ── run threw ──▶ backing-off ── time is up ──▶ running
 *                          └────── run returned ──▶ ended
 *     any of them ── stop ──▶ stopping ── the loop ended, or 5 s passed ──▶ stopped
 *
 * A `run` that returns has done what it was for and is not called again; such a source may still
 * live by its `enable` and `disable`, which go on until it is stopped.
 */
type SourceState = EventSourceRow['state'];

export interface SourceIdentity {
  readonly name: string;
  readonly plugin: string;
  readonly instance: EventSource;
}

export interface SupervisionPorts {
  readonly events: EventRouter;
  readonly logger: Logger;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * Keeps the loop of one event source alive until it is told to stop, and tells the source when
 * somebody begins and ceases to want one of its events. At most one loop of it runs at a time.
 */
export class SupervisedSource {
  readonly #watches = new Map<string, Unwatch>();
  readonly #wanted = new Set<string>();
  #state: SourceState = 'idle';
  #names: ReadonlySet<string>;
  #isWatching = false;
  /** Of the present turn of `run`. */
  #controller = new AbortController();
  /** Settles, always well, when the present turn of `run` is over. */
  #over: Promise<void> = Promise.resolve();
  #cancelRestart: () => void = () => undefined;
  #stopped: Promise<void> | null = null;
  /** Failures in a row, which make the pause before the next try longer. */
  #streak = 0;
  #failures = 0;
  #error: string | null = null;

  constructor(
    private readonly source: SourceIdentity,
    private readonly ports: SupervisionPorts,
  ) {
    this.#names = new Set([source.name]);
  }

  status(): EventSourceRow {
    const { name, plugin } = this.source;
    const events = Object.fromEntries(
      Array.from(this.#names, (event) => [event, this.#wanted.has(event)]),
    );
    const [failures, error] = [this.#failures, this.#error];
    return { name, plugin, state: this.#state, events, failures, error };
  }

  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /** Calls `run`, then `enable` for every event that somebody wants already. */
  start(): void {
    if (this.#state !== 'idle') return;
    this.#run();
    this.#watchNames();
  }

  /** The events that are the source's own from now on. */
  setNames(names: ReadonlySet<string>): void {
    this.#names = names;
    this.#watchNames();
  }

  /**
   * Calls `disable` for what is enabled, fires the signal and waits for the loop, but not for ever:
   * one that ignores its signal is left to itself. Never rejects.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping';
    this.#cancelRestart();
    this.#watchNames();
    this.#controller.abort(new Error(`Event source ${this.source.name} is being stopped`));
    await Promise.resolve(); // when `run` itself led here, its promise is known only after it has returned
    await this.#boundedEnd(this.#over);
    this.#state = 'stopped';
  }

  #boundedEnd(over: Promise<void>): Promise<void> {
    const { clock, logger } = this.ports;
    return new Promise((resolve) => {
      const cancel = clock.after(STOP_TIMEOUT_MS, () => {
        const { name } = this.source;
        logger.warn(`Event source ${name} ignores its signal and is cut off`, {
          waitedMs: STOP_TIMEOUT_MS,
        });
        resolve();
      });
      void over.then(cancel).then(resolve);
    });
  }

  #run(): void {
    this.#state = 'running';
    this.#controller = new AbortController();
    this.#over = this.#follow(this.#controller);
  }

  async #follow(controller: AbortController): Promise<void> {
    const startedAtMs = this.ports.clock.nowMs();
    try {
      await this.source.instance.run(controller.signal);
      if (this.#state === 'running') this.#state = 'ended';
    } catch (error) {
      // While it is being stopped a loop may end in any way it likes
      if (this.#state === 'running') this.#fail(error, this.ports.clock.nowMs() - startedAtMs);
    } finally {
      // What a failed turn left waiting on its signal ends before the next turn begins
      if (this.#state !== 'ended') controller.abort();
    }
  }

  #fail(error: unknown, ranMs: number): void {
    const { name, plugin } = this.source;
    const { clock, events, logger, random } = this.ports;
    this.#streak = ranMs >= STEADY_AFTER_MS ? 1 : this.#streak + 1;
    this.#failures += 1;
    this.#error = messageOf(error); // the object would keep the code of an old generation alive
    const delayMs = backOffMs(this.#streak, random());
    this.#state = 'backing-off';
    this.#cancelRestart = clock.after(delayMs, () => this.#run());
    logger.error(`Event source ${name} failed and is run again`, { error, delayMs });
    events.publish('plugin.event_source_failed', {
      name,
      plugin,
      error: this.#error,
      restart_in: delayMs / 1_000,
    });
  }

  get #isLive(): boolean {
    return this.#state !== 'idle' && this.#state !== 'stopping' && this.#state !== 'stopped';
  }

  /** `enable` and `disable` may come back here; the outer call then does what the inner one wants. */
  #watchNames(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    for (let step = this.#nextStep(); step !== undefined; step = this.#nextStep()) step();
    this.#isWatching = false;
  }

  #nextStep(): (() => void) | undefined {
    const names = this.#isLive ? this.#names : new Set<string>();
    for (const [name, unwatch] of this.#watches) {
      if (names.has(name)) continue;
      return () => {
        this.#watches.delete(name);
        unwatch();
      };
    }
    for (const name of names) {
      if (!this.#watches.has(name)) return () => this.#watches.set(name, this.#watch(name));
    }
    return undefined;
  }

  #watch(name: string): Unwatch {
    return this.ports.events.interest.watch(name, {
      enable: (event) => {
        this.#wanted.add(event);
        return this.#tell('enable', event);
      },
      disable: (event) => {
        this.#wanted.delete(event);
        return this.#tell('disable', event);
      },
    });
  }

  async #tell(action: 'enable' | 'disable', event: string): Promise<void> {
    try {
      await this.source.instance[action]?.(event);
    } catch (error) {
      const { name } = this.source;
      this.ports.logger.error(`Event source ${name} failed to ${action} ${event}`, { error });
    }
  }
}

/**
 * How long to wait after the nth failure in a row: twice as long each time, from a second to a
 * minute, less a random half so that sources that failed together do not come back together.
 *
 * @param random from 0 up to 1
 */
function backOffMs(streak: number, random: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (streak - 1), LONGEST_PAUSE_MS);
  return Math.max(FIRST_PAUSE_MS, longest * (1 - random / 2));
}
