import { assertVacant, type Place, placeFor, removeTree, settle } from '../tree/placing.js';

type Stage = 'untouched' | 'making' | 'settled';

/**
 * Something that a task makes beside its place and then lets appear there, and how to undo that.
 * Nothing is ever removed that was there before: what stood at one of the two paths when the task
 * came stays.
 */
export class PartialWork {
  #stage: Stage = 'untouched';
  #hasBegun = false;
  #place: Place | null = null;

  /**
   * Checks that there is room for it.
   *
   * @throws TaskException ENOENT when the folder does not exist, EEXIST
   */
  async prepare(destination: string, taskId: number): Promise<Place> {
    this.#hasBegun = true;
    const place = await placeFor(destination, taskId);
    await assertVacant(place.path);
    await assertVacant(place.partial);
    this.#place = place;
    return place;
  }

  /** From here on what stands at the partial path is the task's own. */
  begin(): void {
    this.#stage = 'making';
  }

  /** @throws TaskException EEXIST when something has come to its place meanwhile */
  async settle(): Promise<void> {
    if (this.#place === null) throw new Error('Nothing was prepared');
    await settle(this.#place);
    this.#stage = 'settled';
  }

  /**
   * Removes what was made. On an instance that did not run, the process that did has died: then the
   * partial path, which carries the task's number, is its work.
   */
  async undo(destination: string, taskId: number): Promise<void> {
    if (!this.#hasBegun) {
      const { partial } = await placeFor(destination, taskId);
      await removeTree(partial);
      return;
    }
    if (this.#place === null || this.#stage === 'untouched') return;
    await removeTree(this.#stage === 'settled' ? this.#place.path : this.#place.partial);
  }
}
