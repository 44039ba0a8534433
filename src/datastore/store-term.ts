import {
  type ChangeOptions,
  type DatastoreDriver,
  StoreTakenException,
  type WriteGuard,
} from './driver.js';

/**
 * The term of the store. A server that has it for itself begins one, which all that it writes bears: once
 * another server has begun the next, nothing that comes from here is written any more, however late it
 * arrives. Of several servers on one store none does: the one that leads raises the term, and its changes
 * bring their own guard.
 */
export class StoreTerm {
  #guard: WriteGuard | null = null;
  #onOver: () => void = () => undefined;
  readonly #onRefused = new Set<(term: number) => void>();

  constructor(private readonly driver: Pick<DatastoreDriver, 'currentTerm' | 'raiseTerm'>) {}

  /** What a change has to bring; null as long as no term has begun, as in tools. */
  get guard(): WriteGuard | null {
    return this.#guard;
  }

  /** The present term; 0 in a store that had none. */
  current(): Promise<number> {
    return this.driver.currentTerm();
  }

  /** Ends the term `from`, and with it whatever bears it; false when it is not the present one. */
  raise(from: number): Promise<boolean> {
    return this.driver.raiseTerm(from);
  }

  /** Told when a change with a guard of its own was refused: the term of that; returns how to stop. */
  onRefused(listener: (term: number) => void): () => void {
    this.#onRefused.add(listener);
    return () => void this.#onRefused.delete(listener);
  }

  /**
   * @param from - the term that is to end, where it was read before; somebody else's is not ended
   * @param onOver - called when a change was refused because the term is over
   * @throws (rejects with) StoreTakenException when somebody else was quicker
   */
  async begin(from: number | null, onOver: () => void): Promise<void> {
    const last = from ?? (await this.current());
    if (!(await this.raise(last))) throw new StoreTakenException();
    this.#guard = { term: last + 1 };
    this.#onOver = onOver;
  }

  /** Makes a change under its own guard, or else under the term, if there is one. */
  async change<T>(
    make: (options: ChangeOptions) => Promise<T>,
    own: WriteGuard | null = null,
  ): Promise<T> {
    const guard = own ?? this.#guard;
    try {
      return await make(guard === null ? {} : { guard });
    } catch (error) {
      if (error instanceof StoreTakenException) this.#refused(own);
      throw error;
    }
  }

  #refused(own: WriteGuard | null): void {
    if (own === null) this.#onOver();
    else for (const listener of [...this.#onRefused]) listener(own.term);
  }
}
