import type { mongo } from 'mongoose';
import { StoreTakenException, type WriteGuard } from '../../driver.js';
import { GuardSession } from './guard-session.js';
import type { Context, MongoSession } from './mongo-session.js';

const DUPLICATE = 11_000;
const ROW = 'term';

interface TermRow {
  readonly _id: string;
  readonly term: number;
  /** In which the server whose term it is makes its changes. */
  readonly session: string | null;
  /** How many guarded changes there were. */
  readonly changes: number;
}

/**
 * The row that says whose turn it is. A guarded transaction does not only read it but counts itself
 * there: of two transactions that touch one row MongoDB lets one go on, whereas a take-over beside a
 * mere reader would go unnoticed.
 */
export class Terms {
  readonly #guarded: GuardSession;

  constructor(private readonly session: MongoSession) {
    this.#guarded = new GuardSession(session);
  }

  async current(): Promise<number> {
    return (await this.#rows.findOne({ _id: ROW }))?.term ?? 0;
  }

  /** Whether this was the one who ended the term `from`; nothing of it is written any more then. */
  async raise(from: number): Promise<boolean> {
    if (from === 0) await this.#create();
    const last = await this.#rows.findOne({ _id: ROW, term: from });
    if (last === null) return false;
    const { session } = last;
    if (this.session.hasTransactions && typeof session === 'string') {
      await this.#guarded.end(session, (context) => this.#rows.findOne({ _id: ROW }, context));
    }
    const next = { term: from + 1, session: this.#guarded.id };
    const { matchedCount } = await this.#rows.updateOne({ _id: ROW, term: from }, { $set: next });
    return matchedCount === 1;
  }

  /**
   * Makes a change under a guard, as one with looking at it. Without transactions (a server that
   * stands alone) it is looked at just before: what a take-over meets in between is written.
   *
   * @throws StoreTakenException, and then nothing was changed
   */
  async change<T>(guard: WriteGuard, make: (context: Context) => Promise<T>): Promise<T> {
    if (!this.session.hasTransactions) {
      await this.assertPresent(guard);
      return make({});
    }
    return this.#guarded.run(async (context) => {
      await this.assertPresent(guard, context);
      return make(context);
    });
  }

  /** @throws StoreTakenException */
  async assertPresent({ term }: WriteGuard, context: Context = {}): Promise<void> {
    const { matchedCount } = await this.#rows.updateOne(
      { _id: ROW, term },
      { $inc: { changes: 1 } },
      context,
    );
    if (matchedCount === 0) throw new StoreTakenException();
  }

  async #create(): Promise<void> {
    try {
      await this.#rows.insertOne({ _id: ROW, term: 0, session: null, changes: 0 });
    } catch (error) {
      if ((error as { readonly code?: number }).code !== DUPLICATE) throw error;
    }
  }

  get #rows(): mongo.Collection<TermRow> {
    return this.session.table<TermRow>('_guard');
  }
}
