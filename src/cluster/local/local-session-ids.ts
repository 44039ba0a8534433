import { SessionIds } from '../session-ids.js';

/** One after the other, in memory: nobody else gives any. */
export class LocalSessionIds extends SessionIds {
  #last = 0;

  begin(highest: number): Promise<void> {
    this.#last = highest;
    return Promise.resolve();
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}
