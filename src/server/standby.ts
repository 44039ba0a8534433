import { setTimeout as delay } from 'node:timers/promises';
import { abortable, messageOf } from '../common/index.js';
import { StoreInUseException, type StoreLease } from '../datastore/index.js';

/** How often the store is looked at: so long may it be nobody's. */
const LOOK_MS = 250;

/** What a server that waits for its store has of its process. */
export interface StandbyPorts {
  /** Fires when the process is to end meanwhile. */
  readonly signal: AbortSignal;
  /** Called with each new reason why it waits: who has the store, or that it is not there. */
  readonly onWaiting: (reason: string) => void | Promise<void>;
}

/** @param onlyExisting - whether a store that is not there is refused, where a first server would make one */
export type TakeLease = (onlyExisting: boolean) => Promise<StoreLease>;

/**
 * Takes the lease of a store that another server has, as soon as that one is gone. The first look decides
 * whether there is anything to wait for: a store that cannot be had for another reason is an error. From
 * then on all of them are waited out, for a pair shares storage that is away while it moves, and no store
 * is made in its place.
 *
 * @throws (rejects with) what is wrong with the store, at the first look; the signal's reason
 */
export async function takeWhenFree(
  take: TakeLease,
  { signal, onWaiting }: StandbyPorts,
): Promise<StoreLease> {
  let told = '';
  for (;;) {
    try {
      return await take(told !== '');
    } catch (error) {
      const isInUse = error instanceof StoreInUseException;
      if (told === '' && !isInUse) throw error;
      const reason = isInUse ? error.finding : messageOf(error);
      if (reason !== told) await onWaiting(reason);
      told = reason;
    }
    await abortable(delay(LOOK_MS), signal);
  }
}
