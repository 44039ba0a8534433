import {
  type ChangeOptions,
  type DatastoreDriver,
  StoreTakenException,
  type WriteGuard,
} from './driver.js';

/**
 * The term that what this server writes bears. Once another server has begun the next one, nothing
 * that comes from here is written any more, however late it arrives.
 */
export class StoreTerm {
  #guard: WriteGuard | null = null;
  #onOver: () => void = () => undefined;

  constructor(private readonly driver: Pick<DatastoreDriver, 'currentTerm' | 'raiseTerm'>) {}

  /** What a change has to bring; null as long as no term has begun, as in tools. */
  get guard(): WriteGuard | null {
    return this.#guard;
  }

  /**
   * @param from - the term that is to end, where it was read before; somebody else's is not ended
   * @param onOver - called when a change was refused because the term is over
   * @throws (rejects with) StoreTakenException when somebody else was quicker
   */
  async begin(from: number | null, onOver: () => void): Promise<void> {
    const last = from ?? (await this.driver.currentTerm());
    if (!(await this.driver.raiseTerm(last))) throw new StoreTakenException();
    this.#guard = { term: last + 1 };
    this.#onOver = onOver;
  }

  /** Makes a change under the term, if there is one. */
  async change<T>(make: (options: ChangeOptions) => Promise<T>): Promise<T> {
    try {
      return await make(this.#guard === null ? {} : { guard: this.#guard });
    } catch (error) {
      if (error instanceof StoreTakenException) this.#onOver();
      throw error;
    }
  }
}
