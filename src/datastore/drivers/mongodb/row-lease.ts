import { randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';
import { processIdentity } from '../../../system/index.js';
import type { LeaseHolder, LeaseRequest, StoreLease } from '../../lease.js';
import { Beating } from './beating.js';
import {
  asSeen,
  compete,
  describeRow,
  insertRow,
  type LeaseRow,
  type LeaseTimes,
  ROW,
  TIMES,
} from './lease-row.js';
import type { MongoSession } from './mongo-session.js';
import { Terms } from './terms.js';

/**
 * A row with a beat. Whether its holder lives is judged by the beat alone, which changes or does not
 * while this process watches it by its own steady clock: no two machines' clocks are compared. A holder
 * that was only slow finds its row taken, and its writes refused by their term.
 */
export class RowLease implements StoreLease {
  readonly #rows: mongo.Collection<LeaseRow>;
  readonly #terms: Terms;
  readonly #boot = randomUUID();
  readonly #beating: Beating;
  #owner: LeaseHolder;
  #lastTerm = 0;
  #beat = 0;

  private constructor(
    private readonly session: MongoSession,
    private readonly request: LeaseRequest,
    private readonly times: LeaseTimes,
  ) {
    this.#rows = session.table<LeaseRow>('_lease');
    this.#terms = new Terms(session);
    this.#owner = request.holder;
    // away, as the driver's own connection tells: the lease is what the row says when it is back
    this.#beating = new Beating(times.beatMs, () => this.#renew());
  }

  /** @throws DatastoreException EBUSY naming the holder; the session is closed then */
  static async take(
    session: MongoSession,
    request: LeaseRequest,
    times: LeaseTimes = TIMES,
  ): Promise<RowLease> {
    const lease = new RowLease(session, request, times);
    try {
      await session.guard('', () => lease.#compete());
      lease.#beating.start();
      return lease;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  get lastTerm(): number {
    return this.#lastTerm;
  }

  async announce(addresses: readonly string[]): Promise<void> {
    this.#owner = { ...this.#owner, addresses };
    await this.#beating.now();
  }

  async release(): Promise<void> {
    await this.#beating.ended();
    try {
      await this.#rows.updateOne({ _id: ROW, boot: this.#boot }, { $set: { released: true } });
    } catch {
      // the store is away: the next server waits until the beat has been silent
    }
    await this.session.close();
  }

  #compete(): Promise<void> {
    const { session, request, times } = this;
    return compete({
      ...{ session, request, times, rows: this.#rows, terms: this.#terms },
      mayShare: () => false,
      take: async (row, lastTerm) => {
        this.#lastTerm = lastTerm;
        if (row === null) return insertRow(this.#rows, this.#row());
        return (await this.#rows.replaceOne(asSeen(row), this.#row())).matchedCount === 1;
      },
    });
  }

  #row(): LeaseRow {
    return {
      _id: ROW,
      owner: this.#owner,
      process: processIdentity(this.#owner.pid),
      boot: this.#boot,
      term: this.#lastTerm + 1,
      beat: this.#beat,
      released: false,
    };
  }

  async #renew(): Promise<void> {
    this.#beat += 1;
    const { _id, ...row } = this.#row();
    const mine = await this.#rows.updateOne({ _id, boot: this.#boot }, { $set: row });
    if (mine.matchedCount === 0) await this.#reclaim();
  }

  /** The row is not ours. Somebody who removed it is not yet somebody who took it. */
  async #reclaim(): Promise<void> {
    const row = await this.#rows.findOne({ _id: ROW });
    if (row?.boot === this.#boot) return;
    const isUnclaimed = row === null && (await this.#terms.current()) <= this.#lastTerm + 1;
    if (isUnclaimed && (await insertRow(this.#rows, this.#row()))) return;
    this.#beating.end();
    this.request.onLost(
      `The store ${this.session.address.shown} was taken over by ${describeRow(row)}`,
    );
  }
}
