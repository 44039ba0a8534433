import type { Sender } from '../sdk/index.js';

/**
 * A caller that something can be given to until it goes: a connection until it is closed, a plugin
 * until it is unloaded. A service that keeps something for its callers asks for one of these.
 */
export interface EndingSender extends Sender {
  /** Stands for the caller in all its calls, whoever it is logged in as. */
  readonly holder: object;
  /** Calls back once, when the caller has gone; the returned function takes that back. */
  onEnded(listener: () => void): () => void;
}

export function isEndingSender(sender: Sender): sender is EndingSender {
  return 'onEnded' in sender;
}
