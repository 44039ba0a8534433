import { setTimeout as pause } from 'node:timers/promises';
import { onAbort } from '../common/index.js';
import { EventSource } from './event-source.js';

/**
 * Base of an event source whose watching costs something: `watch` runs from the moment when the
 * first subscriber of one of its events appears until the last one goes, and never twice at once.
 * While nobody listens there is no timer, no child process and no open file.
 *
 * `watch` hands its signal to whatever it waits for; that these waits then reject with an
 * `AbortError` is how it ends. When it throws anything else the source's loop fails and is
 * restarted by the server. When it returns although somebody listens there is nothing to watch: it
 * is called again for the next first subscriber.
 *
 * @example
 * @eventSource('disk.temperature')
 * export class TemperatureSource extends WatchingSource {
 *   async watch(signal: AbortSignal) {
 *     for (;;) {
 *       this.emit('disk.temperature', await readTemperature());
 *       await this.pause(5000, signal);
 *     }
 *   }
 * }
 */
export abstract class WatchingSource extends EventSource {
  readonly #wanted = new Set<string>();
  #current = new AbortController();
  #wake: (() => void) | undefined;

  /** Watches until `signal` fires: nobody listens any longer, or the plugin is unloaded. */
  protected abstract watch(signal: AbortSignal): Promise<void>;

  override enable(event: string): void {
    this.#wanted.add(event);
    this.#wake?.();
  }

  override disable(event: string): void {
    this.#wanted.delete(event);
    if (this.#wanted.size > 0) return;
    this.#current.abort();
    // A watch that returned by itself may be started by the next subscriber
    this.#wake?.();
  }

  override async run(signal: AbortSignal): Promise<void> {
    const forget = onAbort(signal, () => {
      this.#current.abort();
      this.#wake?.();
    });
    try {
      while (!signal.aborted) {
        if (this.#wanted.size > 0) await this.#watchOnce();
        else await this.#news();
      }
    } finally {
      forget();
    }
  }

  /** Waits; rejects with an `AbortError` as soon as the signal fires. */
  protected async pause(ms: number, signal: AbortSignal): Promise<void> {
    await pause(ms, undefined, { signal });
  }

  async #watchOnce(): Promise<void> {
    const { signal } = (this.#current = new AbortController());
    try {
      await this.watch(signal);
    } catch (error) {
      if (!signal.aborted || !isAbort(error, signal)) throw error;
    }
    // Otherwise a watch that has nothing to do would be started again and again
    while (!signal.aborted) await this.#news();
  }

  /** Resolves at the next change of interest, or when the source is stopped. */
  async #news(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
  }
}

const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  error === signal.reason || (error instanceof Error && error.name === 'AbortError');
