import { onAbort } from '../common/index.js';
import type { Call } from './call.js';

/** Injection token of the {@link ServiceOwner} of the built-in services. */
export const SERVER_OWNER = Symbol('owner of the built-in services');

/**
 * Who offers a service: the server itself, one plugin or a client. Counts the calls that run in its code, so
 * that a plugin is taken away only when nobody is inside, and keeps the gate that makes callers
 * wait meanwhile.
 */
export class ServiceOwner {
  #running = 0;
  readonly #idle = new Set<() => void>();
  #gate: Gate | null = null;
  #failure: Error | null = null;

  constructor(readonly name: string) {}

  get runningCalls(): number {
    return this.#running;
  }

  get isHeld(): boolean {
    return this.#gate !== null;
  }

  /** Why the calls that waited for this owner fail; null while it may still let them in. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Whether a call may go in right now: for the owner's own calls the gate always stands open. */
  admits(call: Call): boolean {
    return this.#gate === null || call.options.owner === this.name;
  }

  /** Follows an asynchronous result; a synchronous one is over before anybody could ask. */
  async track<T>(result: PromiseLike<T>): Promise<T> {
    const leave = this.enter();
    try {
      return await result;
    } finally {
      leave();
    }
  }

  /** Counts a running call until the returned function is called, which may be done more than once. */
  enter(): () => void {
    let isInside = true;
    this.#running += 1;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#running -= 1;
      if (this.#running === 0) this.#announceIdle();
    };
  }

  /** Resolves when no call runs in this owner's code, or when `signal` fires. */
  whenIdle(signal: AbortSignal): Promise<void> {
    if (this.#running === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        forget();
        this.#idle.delete(settle);
        resolve();
      };
      this.#idle.add(settle);
      const forget = onAbort(signal, settle);
    });
  }

  /** From now on calls from outside wait until {@link release}. */
  hold(): void {
    this.#gate ??= new Gate();
  }

  release(): void {
    const gate = this.#gate;
    this.#gate = null;
    gate?.open();
  }

  /** The owner will never let anybody in again: those who wait fail with `reason`. */
  end(reason: Error): void {
    this.#failure = reason;
    this.release();
  }

  /** Resolves at {@link release}; false when the time was over or `signal` fired before it. */
  whenReleased(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return this.#gate === null ? Promise.resolve(true) : this.#gate.wait(timeoutMs, signal);
  }

  #announceIdle(): void {
    for (const settle of [...this.#idle]) settle();
  }
}

class Gate {
  readonly #waiters = new Set<() => void>();

  wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (isOpen: boolean): void => {
        clearTimeout(timer);
        forget();
        this.#waiters.delete(open);
        resolve(isOpen);
      };
      const open = (): void => settle(true);
      const giveUp = (): void => settle(false);
      const timer = setTimeout(giveUp, timeoutMs);
      const forget = onAbort(signal, giveUp);
      this.#waiters.add(open);
    });
  }

  open(): void {
    for (const open of [...this.#waiters]) open();
  }
}
