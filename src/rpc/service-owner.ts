/**
 * Who offers a service: the server itself or one plugin. Counts the calls that run in its code, so
 * that a plugin is taken away only when nobody is inside, and keeps the gate that makes callers
 * wait meanwhile.
 */
export class ServiceOwner {
  #running = 0;
  #idle: (() => void)[] = [];
  #gate: Gate | null = null;

  constructor(readonly name: string) {}

  get runningCalls(): number {
    return this.#running;
  }

  get isHeld(): boolean {
    return this.#gate !== null;
  }

  /** Follows an asynchronous result; a synchronous one is over before anybody could ask. */
  async track<T>(result: PromiseLike<T>): Promise<T> {
    this.#running += 1;
    try {
      return await result;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#announceIdle();
    }
  }

  /** Resolves when no call runs in this owner's code, or when `signal` fires. */
  whenIdle(signal: AbortSignal): Promise<void> {
    if (this.#running === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
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

  /** Resolves at {@link release}; true when it came within the time. */
  whenReleased(timeoutMs: number): Promise<boolean> {
    return this.#gate === null ? Promise.resolve(true) : this.#gate.wait(timeoutMs);
  }

  #announceIdle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

class Gate {
  readonly #waiters = new Set<() => void>();

  wait(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isOpen: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(open);
        resolve(isOpen);
      };
      const open = (): void => settle(true);
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiters.add(open);
    });
  }

  open(): void {
    for (const open of [...this.#waiters]) open();
  }
}
