/** Whether the server is up: the one thing that `wait_ready`, health checks and main.ts all ask. */
export class Readiness {
  /** Where clients connect; empty until the listeners are open. */
  addresses: readonly string[] = [];
  #announce: () => void = () => undefined;
  #isReady = false;
  readonly #ready = new Promise<void>((resolve) => {
    this.#announce = resolve;
  });

  get isReady(): boolean {
    return this.#isReady;
  }

  announce(): void {
    this.#isReady = true;
    this.#announce();
  }

  whenReady(): Promise<void> {
    return this.#ready;
  }
}
