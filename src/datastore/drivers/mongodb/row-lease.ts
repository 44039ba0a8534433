import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { mongo } from 'mongoose';
import { isGone, type ProcessIdentity, processIdentity } from '../../../system/index.js';
import {
  describeHolder,
  type LeaseHolder,
  type LeaseRequest,
  type StoreLease,
  StoreInUseException,
} from '../../lease.js';
import type { MongoSession } from './mongo-session.js';
import { Terms } from './terms.js';

const DUPLICATE = 11_000;
const ROW = 'server';

export interface LeaseTimes {
  readonly beatMs: number;
  /** After so long without a beat the holder is taken to be gone. */
  readonly silenceMs: number;
  readonly pollMs: number;
}

const TIMES: LeaseTimes = { beatMs: 3_000, silenceMs: 15_000, pollMs: 250 };

/** What a server writes about itself; of a row that is found, none of it is sure to be there. */
interface LeaseRow {
  readonly _id: string;
  readonly owner: LeaseHolder;
  /** Null where a process cannot be told from others. */
  readonly process: ProcessIdentity | null;
  /** Of this start of the server. */
  readonly boot: string;
  readonly term: number;
  readonly beat: number;
  readonly released: boolean;
}

/** The fields that change when somebody is there. */
const SIGNS = ['boot', 'term', 'beat', 'released'] as const;

/**
 * A row with a beat. Whether its holder lives is judged by the beat alone, which changes or does not
 * while this process watches it by its own steady clock: no two machines' clocks are compared. A holder
 * that was only slow finds its row taken, and its writes refused by their term.
 */
export class RowLease implements StoreLease {
  readonly #rows: mongo.Collection<LeaseRow>;
  readonly #terms: Terms;
  readonly #boot = randomUUID();
  #owner: LeaseHolder;
  #lastTerm = 0;
  #beat = 0;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> = Promise.resolve();
  #isOver = false;

  private constructor(
    private readonly session: MongoSession,
    private readonly request: LeaseRequest,
    private readonly times: LeaseTimes,
  ) {
    this.#rows = session.table<LeaseRow>('_lease');
    this.#terms = new Terms(session);
    this.#owner = request.holder;
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
      lease.#beatLater();
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
    await this.#beatNow();
  }

  async release(): Promise<void> {
    this.#end();
    await this.#beating;
    try {
      await this.#rows.updateOne({ _id: ROW, boot: this.#boot }, { $set: { released: true } });
    } catch {
      // the store is away: the next server waits until the beat has been silent
    }
    await this.session.close();
  }

  async #compete(): Promise<void> {
    const watch = new Watch(this.times, (holder) => this.request.onWaiting?.(holder));
    for (;;) {
      const row = await this.#rows.findOne({ _id: ROW });
      this.#lastTerm = await this.#terms.current();
      const seen = watch.look(row, this.#lastTerm);
      if (seen === 'alive') {
        throw new StoreInUseException(this.session.address.shown, describeHolder(row?.owner));
      }
      const isMine = row === null ? () => this.#insert() : () => this.#replace(row);
      if (seen === 'vacant' && (await isMine())) return;
      await delay(this.times.pollMs);
    }
  }

  async #insert(): Promise<boolean> {
    try {
      await this.#rows.insertOne(this.#row());
      return true;
    } catch (error) {
      if ((error as { readonly code?: number }).code === DUPLICATE) return false;
      throw error;
    }
  }

  /** Only if it is as it was seen. */
  async #replace(seen: LeaseRow): Promise<boolean> {
    const found: Partial<LeaseRow> = seen;
    const signs = SIGNS.map((sign) => [sign, found[sign] ?? { $exists: sign in found }]);
    const filter = { _id: ROW, ...Object.fromEntries(signs) } as mongo.Filter<LeaseRow>;
    return (await this.#rows.replaceOne(filter, this.#row())).matchedCount === 1;
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

  #beatLater(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      void this.#beatNow().then(() => this.#beatLater());
    }, this.times.beatMs).unref();
  }

  /** One after the other; never rejects. */
  #beatNow(): Promise<void> {
    this.#beating = this.#beating.then(async () => {
      if (this.#isOver) return;
      this.#beat += 1;
      const { _id, ...row } = this.#row();
      try {
        const mine = await this.#rows.updateOne({ _id, boot: this.#boot }, { $set: row });
        if (mine.matchedCount === 0) await this.#reclaim();
      } catch {
        // away, as the driver's own connection tells: the lease is what the row says when it is back
      }
    });
    return this.#beating;
  }

  /** The row is not ours. Somebody who removed it is not yet somebody who took it. */
  async #reclaim(): Promise<void> {
    const row = await this.#rows.findOne({ _id: ROW });
    if (row?.boot === this.#boot) return;
    const isUnclaimed = row === null && (await this.#terms.current()) <= this.#lastTerm + 1;
    if (isUnclaimed && (await this.#insert())) return;
    this.#end();
    this.request.onLost(
      `The store ${this.session.address.shown} was taken over by ${describeHolder(row?.owner)}`,
    );
  }

  #end(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

/** Watches whether somebody is there, by the beat and by nothing else that takes time. */
class Watch {
  #signs: string | null = null;
  #sinceMs = 0;
  #isTold = false;

  constructor(
    private readonly times: LeaseTimes,
    private readonly onSilence: (holder: string) => void,
  ) {}

  look(row: LeaseRow | null, term: number): 'alive' | 'vacant' | 'unknown' {
    // who finds no row where servers have been may be quicker than one who puts his back
    if (row === null ? term === 0 : isVacant(row)) return 'vacant';
    const signs = row === null ? '' : signsOf(row);
    if (this.#signs === null) {
      this.#signs = signs;
      this.#sinceMs = performance.now();
    }
    if (signs !== this.#signs) return row === null ? 'unknown' : 'alive';
    const silentMs = performance.now() - this.#sinceMs;
    if (silentMs > this.times.beatMs * 2 && !this.#isTold) {
      this.#isTold = true;
      this.onSilence(describeHolder(row?.owner));
    }
    return silentMs >= this.times.silenceMs ? 'vacant' : 'unknown';
  }
}

/** Nobody has it any more, for all that can be known at once. */
function isVacant({ released, process }: Partial<LeaseRow>): boolean {
  return released === true || (isIdentity(process) && isGone(process));
}

function isIdentity(found: unknown): found is ProcessIdentity {
  return typeof (found as Partial<ProcessIdentity> | null | undefined)?.pid === 'number';
}

function signsOf(row: LeaseRow): string {
  return inspect(SIGNS.map((sign) => row[sign]));
}
