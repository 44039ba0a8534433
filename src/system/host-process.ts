/** Injection token of {@link HostProcess}. */
export const HOST_PROCESS = Symbol('host process');

/** What the server needs to know of the process it runs in; only main.ts touches the process itself. */
export interface HostProcess {
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly startedAt: Date;
  readonly stateDirectory: string;
  /** Asks the process to end in good order. */
  requestShutdown(): void;
  /** The store is another server's: nothing of this one is of use to anybody any more. */
  storeLost(reason: string): void;
}
