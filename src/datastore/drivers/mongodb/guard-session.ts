import mongoose, { type mongo } from 'mongoose';
import { Semaphore } from '../../semaphore.js';
import { StoreTakenException } from '../../driver.js';
import type { Context, MongoSession } from './mongo-session.js';

const { Binary } = mongoose.mongo;

const TRANSACTION_TOO_OLD = 225;

/**
 * The logical session in which one server makes all its guarded changes. What it leaves open when it is
 * killed or stopped holds the guard's row: MongoDB would give it up only after a minute
 * (`transactionLifetimeLimitSeconds`), and every change of the successor would wait. But MongoDB keeps a
 * session's transactions apart by their number, and a higher one ends the open one and all lower ones
 * for good: a successor who knows the session does that.
 *
 * @see https://github.com/mongodb/specifications/blob/master/source/transactions/transactions.md
 */
export class GuardSession {
  readonly #oneByOne = new Semaphore(1); // a session has one transaction at a time
  #client: mongo.ClientSession | null = null;

  constructor(private readonly session: MongoSession) {}

  /** By which another server can {@link end} it. */
  get id(): string {
    return this.#joined.serverSession.id.id.toString('hex');
  }

  /**
   * Makes a change in a transaction. It may be tried several times.
   *
   * @throws (rejects with) StoreTakenException when the session was ended by another server
   */
  run<T>(work: (context: Context) => Promise<T>): Promise<T> {
    return this.#oneByOne.run(async () => {
      const session = this.#joined;
      try {
        return await session.withTransaction(() => work({ session }));
      } catch (error) {
        const { code } = error as { readonly code?: unknown };
        throw code === TRANSACTION_TOO_OLD ? new StoreTakenException() : error;
      }
    });
  }

  /** Ends another server's session as far as MongoDB lets us; what it has open waits for MongoDB then. */
  async end(id: string, touch: (context: Context) => Promise<unknown>): Promise<void> {
    const session = this.session.connection.getClient().startSession();
    try {
      const { serverSession } = session;
      serverSession.id = { id: Binary.createFromHexString(id, Binary.SUBTYPE_UUID) };
      serverSession.isDirty = true; // it is not ours to use again
      serverSession.txnNumber = Number.MAX_SAFE_INTEGER - 1;
      session.startTransaction();
      await touch({ session });
      await session.abortTransaction();
    } catch {
      // ended already, or another account's
    } finally {
      await session.endSession();
    }
  }

  get #joined(): mongo.ClientSession {
    return (this.#client ??= this.session.connection.getClient().startSession());
  }
}
