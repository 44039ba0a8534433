export type Phase = 'starting' | 'ready' | 'stopping';

/** Whether the server is up: the one thing that `wait_ready`, health checks and main.ts all ask. */
export class Readiness {
  /** Where clients connect; empty until the listeners are open. */
  addresses: readonly string[] = [];
  #announce: () => void = () => undefined;
  #phase: Phase = 'starting';
  readonly #ready = new Promise<void>((resolve) => {
    this.#announce = resolve;
  });

  get phase(): Phase {
    return this.#phase;
  }

  announce(): void {
    if (this.#phase === 'starting') this.#phase = 'ready';
    this.#announce();
  }

  /** From now on nobody new should be sent here. */
  drain(): void {
    this.#phase = 'stopping';
  }

  whenReady(): Promise<void> {
    return this.#ready;
  }
}
