import { coded, deferred, onAbort } from '../common/index.js';
import type { EventHandler } from './event-handler.js';

/** What an event said; `timestamp` included. */
export type EventArgs = Readonly<Record<string, unknown>>;

/** Whether an event is the one that is waited for; what it throws ends the wait. */
export type EventMatch = (args: EventArgs, name: string) => boolean;

export interface EventWaitOptions {
  /** How long to wait; without it as long as it takes. */
  readonly timeoutMs?: number;
  /** Gives the wait up. */
  readonly signal?: AbortSignal;
}

/** What a wait needs of whoever it is for. */
export interface EventWaitParts {
  readonly event: string;
  readonly match: EventMatch;
  readonly options: EventWaitOptions;
  listen(mask: string, handler: EventHandler): void;
  unlisten(mask: string, handler: EventHandler): void;
  /** Fires when the one who waits comes to an end; null when nothing tells. */
  readonly ended: AbortSignal | null;
  /** Runs once the handler is in place. True when there is nothing left to wait for. */
  begin(): Promise<boolean>;
}

/** The longest delay a timer takes; what is longer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * One wait for one event: it listens, begins, and ends by the event together with the end of
 * `begin`, or by whatever goes wrong first. However it ends, nothing of it stays behind.
 */
export class EventWait {
  readonly #outcome = deferred<EventArgs | null>();
  #forget: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #seen: EventArgs | null = null;
  #hasBegun = false;

  constructor(private readonly parts: EventWaitParts) {}

  /** @throws RpcException ETIMEDOUT or ECANCELED; whatever `match` or `begin` throws */
  async run(): Promise<EventArgs | null> {
    const { event, options } = this.parts;
    for (const signal of this.#signals()) {
      if (signal.aborted) throw coded('EVENT_WAIT_CANCELED', { event });
    }
    this.parts.listen(event, this.#onEvent);
    try {
      this.#forget = this.#signals().map((signal) => onAbort(signal, this.#onAbort));
      if (options.timeoutMs !== undefined) this.#startTimer(options.timeoutMs);
      void this.#begin();
      return await this.#outcome.promise;
    } finally {
      this.#release();
    }
  }

  async #begin(): Promise<void> {
    try {
      const isOver = await this.parts.begin();
      this.#hasBegun = true;
      if (isOver) this.#outcome.resolve(null);
      else if (this.#seen !== null) this.#outcome.resolve(this.#seen);
    } catch (error) {
      this.#outcome.reject(error);
    }
  }

  readonly #onEvent: EventHandler = (args, name) => {
    if (this.#seen !== null) return;
    try {
      if (!this.parts.match(args, name)) return;
      this.#seen = args;
      if (this.#hasBegun) this.#outcome.resolve(args);
    } catch (error) {
      this.#outcome.reject(error);
    }
  };

  readonly #onAbort = (): void => {
    this.#outcome.reject(coded('EVENT_WAIT_CANCELED', { event: this.parts.event }));
  };

  #startTimer(timeoutMs: number): void {
    const { event } = this.parts;
    this.#timer = setTimeout(
      () =>
        this.#outcome.reject(coded('EVENT_WAIT_TIMEOUT', { event, seconds: timeoutMs / 1_000 })),
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
  }

  #signals(): AbortSignal[] {
    const { ended, options } = this.parts;
    return [ended, options.signal].filter((signal) => signal != null);
  }

  #release(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const forget of this.#forget) forget();
    this.parts.unlisten(this.parts.event, this.#onEvent);
  }
}
