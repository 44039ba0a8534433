import { randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';
import { processIdentity } from '../../../system/index.js';
import type { LeaseHolder, LeaseRequest, StoreCluster, StoreLease } from '../../lease.js';
import { Beating } from './beating.js';
import {
  asSeen,
  compete,
  describeRow,
  insertRow,
  isKnownGone,
  type LeaseNode,
  type LeaseRow,
  type LeaseTimes,
  ROW,
  TIMES,
} from './lease-row.js';
import type { MongoSession } from './mongo-session.js';
import { Terms } from './terms.js';

/**
 * The same row, which the nodes of a cluster have together: each keeps its beat, and the last one that
 * goes gives it up. Servers that know of no clusters see the beat, too, and stay away.
 */
export class SharedLease implements StoreLease {
  readonly #rows: mongo.Collection<LeaseRow>;
  readonly #terms: Terms;
  readonly #boot = randomUUID();
  readonly #beating: Beating;
  #owner: LeaseHolder;
  #lastTerm = 0;

  private constructor(
    private readonly session: MongoSession,
    private readonly request: LeaseRequest,
    private readonly cluster: StoreCluster,
    private readonly times: LeaseTimes,
  ) {
    this.#rows = session.table<LeaseRow>('_lease');
    this.#terms = new Terms(session);
    this.#owner = request.holder;
    this.#beating = new Beating(times.beatMs, () => this.#renew());
  }

  /** @throws DatastoreException EBUSY naming who has it; the session is closed then */
  static async take(
    session: MongoSession,
    request: LeaseRequest & { readonly cluster: StoreCluster },
    times: LeaseTimes = TIMES,
  ): Promise<SharedLease> {
    const lease = new SharedLease(session, request, request.cluster, times);
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
      const ours = { _id: ROW, cluster: this.cluster.name };
      await this.#rows.updateOne(ours, { $unset: { [this.#place]: '' }, $inc: { beat: 1 } });
      await this.#rows.updateOne({ ...ours, nodes: {} }, { $set: { released: true } });
    } catch {
      // the store is away: a server that is alone waits until the beat has been silent
    }
    await this.session.close();
  }

  /** Where this node stands in the row. */
  get #place(): `nodes.${string}` {
    return `nodes.${this.#boot}`;
  }

  #compete(): Promise<void> {
    const { session, request, times } = this;
    return compete({
      ...{ session, request, times, rows: this.#rows, terms: this.#terms },
      mayShare: ({ cluster }) => cluster === this.cluster.name,
      take: (row, lastTerm) => {
        this.#lastTerm = lastTerm;
        if (row?.cluster === this.cluster.name) return this.#join(this.#leftoversIn(row));
        return this.#take(row);
      },
    });
  }

  async #take(row: LeaseRow | null): Promise<boolean> {
    if (row === null) return insertRow(this.#rows, this.#row());
    return (await this.#rows.replaceOne(asSeen(row), this.#row())).matchedCount === 1;
  }

  /** @param gone - entries that go with it */
  async #join(gone: readonly string[]): Promise<boolean> {
    const ours = { _id: ROW, cluster: this.cluster.name };
    const leftovers = Object.fromEntries(gone.map((boot) => [`nodes.${boot}`, ''] as const));
    const { matchedCount } = await this.#rows.updateOne(ours, {
      $set: { [this.#place]: this.#node(), released: false },
      ...(gone.length === 0 ? {} : { $unset: leftovers }),
      $inc: { beat: 1 },
    });
    return matchedCount === 1;
  }

  /** Of this node's former starts, and of processes that are known to be gone. */
  #leftoversIn({ nodes = {} }: LeaseRow): readonly string[] {
    return Object.entries(nodes)
      .filter(([, { node, process }]) => node === this.cluster.node || isKnownGone(process))
      .map(([boot]) => boot);
  }

  #row(): LeaseRow {
    return {
      _id: ROW,
      owner: this.#owner,
      process: null, // for who knows of no clusters: one process is not all of it
      boot: this.cluster.name,
      term: this.#lastTerm,
      beat: 0,
      released: false,
      cluster: this.cluster.name,
      nodes: { [this.#boot]: this.#node() },
    };
  }

  #node(): LeaseNode {
    const { pid } = this.#owner;
    return { node: this.cluster.node, owner: this.#owner, process: processIdentity(pid) };
  }

  async #renew(): Promise<void> {
    const { matchedCount } = await this.#rows.updateOne(
      { _id: ROW, cluster: this.cluster.name, [this.#place]: { $exists: true } },
      { $set: { [`${this.#place}.owner`]: this.#owner }, $inc: { beat: 1 } },
    );
    if (matchedCount === 0) await this.#reclaim();
  }

  /** Without this node in it the row may still be the cluster's; or there is none. */
  async #reclaim(): Promise<void> {
    const row = await this.#rows.findOne({ _id: ROW });
    if (row === null) await insertRow(this.#rows, this.#row());
    else if (row.cluster === this.cluster.name) await this.#join([]);
    else {
      this.#beating.end();
      this.request.onLost(
        `The store ${this.session.address.shown} was taken over by ${describeRow(row)}`,
      );
    }
  }
}
