export type Phase = 'starting' | 'ready' | 'stopping';

/** Whether the server is up, for those who are asked: health checks, `wait_ready`. */
export abstract class ServerState {
  abstract readonly phase: Phase;
  /** Where clients connect; empty until the listeners are open. */
  abstract readonly addresses: readonly string[];
  /** Resolves when every plugin has been tried. */
  abstract whenReady(): Promise<void>;
}
