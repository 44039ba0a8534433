import type { RowId } from '../../../sdk/datastore.js';
import type { WriteStep } from '../../driver.js';
import type { Counters } from './counters.js';

// No counter of a caller has a colon in its name
const PREFIX = 'serial:';

/** The numbers of serial collections, kept as counters beside the callers' own. */
export class SerialIds {
  constructor(private readonly counters: Counters) {}

  create(collection: string): Promise<void> {
    return this.counters.create(PREFIX + collection);
  }

  drop(collection: string): Promise<void> {
    return this.counters.delete(PREFIX + collection);
  }

  last(collection: string): Promise<number> {
    return this.counters.get(PREFIX + collection);
  }

  raise(collection: string, atLeast: number): Promise<void> {
    return this.counters.raise(PREFIX + collection, atLeast);
  }

  /** The id of a step: its own, past which the numbers then go on, or the next number. */
  async settle({ collection, id }: Extract<WriteStep, { id: RowId | null }>): Promise<RowId> {
    if (id === null) return this.counters.increment(PREFIX + collection.name, 1);
    if (collection.key === 'serial' && typeof id === 'number') {
      await this.raise(collection.name, id);
    }
    return id;
  }

  /** Whether a counter is one of these. */
  static owns(counter: string): boolean {
    return counter.startsWith(PREFIX);
  }
}
