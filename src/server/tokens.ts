/** Injection tokens for what has no class of its own to be asked for by. */
export const CONFIGURATION = Symbol('configuration');
export const SERVER_LOGGER = Symbol('server logger');
export const SERVER_OWNER = Symbol('owner of the built-in services');
export const EVENT_TYPES = Symbol('event types');
export const EVENT_SOURCES = Symbol('event sources');
export const TASK_HANDLERS = Symbol('task handlers');
export const HOST_PROCESS = Symbol('host process');
export const STORE_LEASE = Symbol('lease of the store');
export const HOST_PROVIDERS = Symbol('what the host application offers to plugins');

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
