/** An event as handlers and clients see it; the router adds `timestamp` when the publisher did not. */
export interface DispatcherEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Runs for each event that matches its mask; a rejection is logged and reaches nobody else. */
export type EventHandler = (
  args: Readonly<Record<string, unknown>>,
  name: string,
) => void | Promise<void>;
