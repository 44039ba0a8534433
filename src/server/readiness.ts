import { type Phase, ServerState } from '../system/index.js';

/** Whether the server is up: the one thing that `wait_ready`, health checks and main.ts all ask. */
export class Readiness extends ServerState {
  override addresses: readonly string[] = [];
  #announce: () => void = () => undefined;
  #phase: Phase = 'starting';
  readonly #ready = new Promise<void>((resolve) => {
    this.#announce = resolve;
  });

  override get phase(): Phase {
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

  override whenReady(): Promise<void> {
    return this.#ready;
  }
}
