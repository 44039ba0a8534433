import type { Sender } from '../sdk/index.js';

/** A caller whose rights may become others while something runs for it. */
export interface ChangingSender extends Sender {
  /**
   * Calls back each time when other rights are in place, with the caller as it is then: roles were
   * given or taken, or somebody else logged in on the connection. The returned function ends it.
   */
  onRightsChanged(listener: (present: Sender) => void): () => void;
}

/** Follows the rights of a sender; those of one that cannot change are never told of. */
export function onRightsChanged(sender: Sender, listener: (present: Sender) => void): () => void {
  return isChanging(sender) ? sender.onRightsChanged(listener) : () => undefined;
}

function isChanging(sender: Sender): sender is ChangingSender {
  return 'onRightsChanged' in sender;
}
