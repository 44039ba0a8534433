import type { mongo } from 'mongoose';
import { StoreTakenException, type WriteGuard } from '../../driver.js';
import type { MongoSession } from './mongo-session.js';

const DUPLICATE = 11_000;
const ROW = 'term';

interface TermRow {
  readonly _id: string;
  readonly term: number;
  /** How many guarded changes there were. */
  readonly changes: number;
}

/**
 * The row that says whose turn it is. A guarded transaction does not only read it but counts itself
 * there: of two transactions that touch one row MongoDB lets one go on, whereas a take-over beside a
 * mere reader would go unnoticed.
 */
export class Terms {
  constructor(private readonly session: MongoSession) {}

  async current(): Promise<number> {
    return (await this.#rows.findOne({ _id: ROW }))?.term ?? 0;
  }

  async raise(from: number): Promise<boolean> {
    if (from === 0) await this.#create();
    const { matchedCount } = await this.#rows.updateOne(
      { _id: ROW, term: from },
      { $set: { term: from + 1 } },
    );
    return matchedCount === 1;
  }

  /** @throws StoreTakenException */
  async assertPresent({ term }: WriteGuard, transaction?: mongo.ClientSession): Promise<void> {
    const { matchedCount } = await this.#rows.updateOne(
      { _id: ROW, term },
      { $inc: { changes: 1 } },
      transaction === undefined ? {} : { session: transaction },
    );
    if (matchedCount === 0) throw new StoreTakenException();
  }

  async #create(): Promise<void> {
    try {
      await this.#rows.insertOne({ _id: ROW, term: 0, changes: 0 });
    } catch (error) {
      if ((error as { readonly code?: number }).code !== DUPLICATE) throw error;
    }
  }

  get #rows(): mongo.Collection<TermRow> {
    return this.session.table<TermRow>('_guard');
  }
}
