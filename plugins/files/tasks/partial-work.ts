import { Errno, isDispatcherError } from 'dispatcher';
import { closeLocated, type Located, type Spot } from '../handles/located.js';
import { locate, withLocated } from '../handles/locate.js';
import { Reach } from '../handles/reach.js';
import { removeTree } from '../tree/remove-tree.js';
import { settle } from '../tree/settling.js';
import { Workshop, type WorkOwner } from './workshop.js';

/** How far this instance has come. */
type Progress =
  | { readonly stage: 'none' }
  | { readonly stage: 'prepared'; readonly place: Located }
  | { readonly stage: 'making'; readonly place: Located; readonly workshop: Workshop }
  | { readonly stage: 'settled'; readonly made: string };

const NONE: Progress = { stage: 'none' };

/**
 * Something that a task makes beside its place and then lets appear there, and how to undo that.
 * Nothing is ever removed that was there before, or that others have put in its place.
 */
export class PartialWork {
  #progress: Progress = NONE;

  /**
   * Finds the place, which lies in the same folder from then on.
   *
   * @throws TaskException ENOENT when the folder does not exist
   */
  async prepare(destination: string, reach: Reach): Promise<Located> {
    const place = await locate(destination, reach);
    this.#progress = { stage: 'prepared', place };
    return place;
  }

  /** Where it is to be made. @throws TaskException */
  async begin(owner: WorkOwner): Promise<Spot> {
    if (this.#progress.stage !== 'prepared') throw new Error('Nothing was prepared');
    const { place } = this.#progress;
    const workshop = await Workshop.open(place, owner);
    this.#progress = { stage: 'making', place, workshop };
    return workshop.content;
  }

  /**
   * Gives the identity of what was made.
   *
   * @throws TaskException EEXIST when something has come to its place meanwhile
   */
  async settle(): Promise<string> {
    if (this.#progress.stage !== 'making') throw new Error('Nothing was made');
    const { place, workshop } = this.#progress;
    const made = await settle(workshop.content, place);
    this.#progress = { stage: 'settled', made };
    await workshop.close();
    await closeLocated(place);
    return made;
  }

  /**
   * Removes what was made. On an instance that did not run, the process that did has died, and its
   * work is looked for.
   */
  async undo(destination: string, owner: WorkOwner): Promise<void> {
    const progress = this.#progress;
    this.#progress = NONE;
    switch (progress.stage) {
      case 'none':
        return clear(destination, owner);
      case 'prepared':
        return closeLocated(progress.place);
      case 'making':
        try {
          await progress.workshop.discard();
          return;
        } finally {
          await closeLocated(progress.place);
        }
      case 'settled':
        return removeMade(destination, progress.made);
    }
  }
}

/**
 * Removes what was made, if it still is what is there, also if the task could not make it any more.
 *
 * @throws TaskException EBUSY when it is another file or folder
 */
export function removeMade(destination: string, made: string): Promise<void> {
  return withLocated(destination, Reach.EVERYWHERE, (place) => removeTree(place, made));
}

async function clear(destination: string, owner: WorkOwner): Promise<void> {
  try {
    await withLocated(destination, Reach.EVERYWHERE, (place) => Workshop.clear(place, owner));
  } catch (error) {
    // where there is no folder, nothing was made
    if (!isDispatcherError(error) || error.code !== Errno.ENOENT) throw error;
  }
}
