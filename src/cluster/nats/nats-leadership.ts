import { coded, messageOf } from '../../common/index.js';
import { type Leader, Leadership, type TermGuard, type TermRow } from '../leadership.js';
import { Listeners } from '../listeners.js';
import type { Unsubscribe } from '../unsubscribe.js';
import { LeaseKey } from './lease-key.js';
import type { LeaseRecord } from './lease-record.js';
import type { NatsLink } from './nats-link.js';

const RENEWALS_PER_LEASE = 3;
const LOOKS_PER_LEASE = 30;
/** Without NATS the row of the term alone tells that another node leads: so often it is asked. */
const GUARD_BEAT_MS = 1_000;

export interface NatsLeadershipOptions {
  /** How long a leader of whom nothing is heard is still taken to lead; he renews it three times in that time. */
  readonly leaseMs: number;
}

/** What this node leads with. */
interface Reign {
  readonly term: number;
  readonly since: string;
  beat: number;
  /** When the renewal that succeeded last was begun, by this process's steady clock. */
  renewedMs: number;
}

/**
 * The lease is a key in NATS, the term a row in the datastore; only who has both leads:
 *
 *     follows ──lease vacant──▶ has the lease ──term raised──▶ leads ──another term, or resigns──▶ follows
 *                                    └──store away, or another was quicker: gives the lease back──▶ follows
 *
 * Who leads renews the lease. While NATS is away the row that still bears his term is as good, for
 * nobody can have taken the lease; who has lost NATS alone learns from that row that another one leads.
 */
export class NatsLeadership extends Leadership {
  readonly #changes = new Listeners<[Leader | null]>();
  readonly #key: LeaseKey;
  readonly #stops: (() => void)[] = [];
  #terms: TermRow | null = null;
  #unfollow: Unsubscribe = () => undefined;
  #reign: Reign | null = null;
  #leader: Leader | null = null;
  #highest = 0;
  #fenced = 0;
  /** One step of the election or of the reign after the other. */
  #step: Promise<void> = Promise.resolve();
  #isStepping = false;
  #notBeforeMs = 0;
  #renewing: Promise<void> = Promise.resolve();
  #renewal: NodeJS.Timeout | null = null;

  private constructor(
    private readonly link: NatsLink,
    private readonly leaseMs: number,
  ) {
    super();
    this.#key = new LeaseKey(link, leaseMs, () => this.#onLease());
    const looks = setInterval(() => this.#onLease(), leaseMs / LOOKS_PER_LEASE).unref();
    this.#stops.push(
      () => clearInterval(looks),
      link.onConnected(() => this.#renewSoon(0)),
    );
  }

  /** Hears from now on who leads; {@link campaign} takes part. */
  static open(link: NatsLink, { leaseMs }: NatsLeadershipOptions): NatsLeadership {
    return new NatsLeadership(link, leaseMs);
  }

  get leader(): Leader | null {
    return this.#leader;
  }

  get term(): number | null {
    return this.#reign?.term ?? null;
  }

  /** Milliseconds since the last renewal; null when this node does not lead. */
  get leaseAgeMs(): number | null {
    return this.#reign === null ? null : performance.now() - this.#reign.renewedMs;
  }

  /** Guarded changes of this node that were refused because their term was over. */
  get fenced(): number {
    return this.#fenced;
  }

  isCurrent(): boolean {
    const { leaseAgeMs } = this;
    return leaseAgeMs !== null && leaseAgeMs < this.leaseMs;
  }

  guard(): TermGuard {
    const { term } = this;
    if (term === null) throw coded('NO_LEADER');
    return { term };
  }

  campaign(terms: TermRow): Promise<void> {
    this.#unfollow();
    this.#terms = terms;
    this.#notBeforeMs = 0;
    this.#unfollow = terms.onRefused((term) => {
      this.#fenced += 1;
      if (this.term === term) this.#depose('a change in its term was refused');
    });
    this.#onLease();
    return Promise.resolve();
  }

  async resign(): Promise<void> {
    this.#unfollow();
    this.#terms = null;
    const isLeading = this.#reign !== null;
    this.#end();
    await Promise.all([this.#step, this.#renewing]);
    if (isLeading) await this.#release();
  }

  onChange(listener: (leader: Leader | null) => void): Unsubscribe {
    return this.#changes.add(listener);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.resign();
    await this.#key.close();
  }

  /** Something is heard of the lease, or nothing for a while. */
  #onLease(): void {
    const { record, isSilent, isVacant } = this.#key;
    if (this.#reign === null) {
      if (!isSilent) this.#hear(record);
      const mayStand = this.#terms !== null && performance.now() >= this.#notBeforeMs;
      if (isVacant && (mayStand || isSilent)) this.#next(() => this.#tryToTake(mayStand));
    } else if (record !== null && !this.#key.isOwn) this.#renewSoon(0);
  }

  #hear(record: LeaseRecord | null): void {
    if (record === null || record.term === null || record.node === this.link.node) this.#tell(null);
    else if (record.term >= this.#highest) {
      this.#tell({ node: record.node, term: record.term, since: new Date(record.since) });
    }
  }

  /** Never two at a time; whatever is asked for meanwhile is asked for again. */
  #next(step: () => Promise<void>): void {
    if (this.#isStepping) return;
    this.#isStepping = true;
    this.#step = step()
      .catch((error: unknown) => this.#standBack(messageOf(error)))
      .finally(() => (this.#isStepping = false));
  }

  async #tryToTake(mayStand: boolean): Promise<void> {
    if (this.#key.isSilent) await this.#key.refresh();
    if (!this.#key.isVacant) return;
    this.#tell(null);
    const terms = this.#terms;
    if (terms === null || !mayStand) return;
    const { node, boot } = this.link;
    const since = new Date().toISOString();
    if (!(await this.#key.put({ node, boot, term: null, since, beat: 0 }))) {
      await this.#key.refresh();
      return;
    }
    try {
      await this.#raise(terms, since);
    } finally {
      if (this.#reign === null) await this.#release();
    }
  }

  async #raise(terms: TermRow, since: string): Promise<void> {
    const from = await terms.current();
    const renewedMs = performance.now();
    if (!(await terms.raise(from))) {
      this.#standBack('another one was quicker');
      return;
    }
    const { node, boot } = this.link;
    const term = from + 1;
    const isKept = await this.#key.put({ node, boot, term, since, beat: 1 });
    if (!isKept || this.#terms === null) return;
    this.#reign = { term, since, beat: 1, renewedMs };
    this.link.logger.info(`This node leads the cluster in term ${term}`);
    this.#renewSoon(this.leaseMs / RENEWALS_PER_LEASE);
    this.#tell({ node, term, since: new Date(since) });
  }

  /** The others are given the time to be elected. */
  #standBack(reason: string): void {
    const { leaseMs, link } = this;
    link.logger.warn(`This node cannot lead at present: ${reason}`);
    this.#notBeforeMs = performance.now() + (leaseMs * (1 + Math.random())) / RENEWALS_PER_LEASE;
  }

  #renewSoon(afterMs: number): void {
    if (this.#renewal !== null) clearTimeout(this.#renewal);
    this.#renewal = null;
    if (this.#reign === null) return;
    this.#renewal = setTimeout(() => {
      this.#renewing = this.#renewing.then(() => this.#renew());
    }, afterMs).unref();
  }

  async #renew(): Promise<void> {
    const reign = this.#reign;
    if (reign === null) return;
    try {
      const isRenewed = this.link.isConnected && (await this.#renewLease(reign).catch(() => false));
      if (!isRenewed) await this.#askGuard(reign);
    } catch {
      // neither answers: the age of the last renewal tells
    }
    if (reign !== this.#reign) return;
    const everyMs = this.leaseMs / RENEWALS_PER_LEASE;
    this.#renewSoon(this.link.isConnected ? everyMs : Math.min(everyMs, GUARD_BEAT_MS));
  }

  async #renewLease(reign: Reign): Promise<boolean> {
    const begunMs = performance.now();
    if (this.#key.isOwn && (await this.#key.put(this.#recordOf(reign)))) {
      reign.renewedMs = begunMs;
      return true;
    }
    await this.#key.refresh();
    const { record, isOwn } = this.#key;
    if (record !== null && !isOwn && (record.term === null || record.term > reign.term)) {
      this.#depose(`node ${record.node} has the lease`);
      return true;
    }
    // nobody's, ours, or of long ago: it may have been somebody's meanwhile, of which the row tells
    if (!(await this.#askGuard(reign))) return false;
    return this.#key.put(this.#recordOf(reign));
  }

  /** Whether the term of this node is still the present one in the datastore. */
  async #askGuard(reign: Reign): Promise<boolean> {
    const begunMs = performance.now();
    const present = await this.#terms?.current();
    if (reign !== this.#reign || present === undefined) return false;
    if (present === reign.term) {
      reign.renewedMs = begunMs;
      return true;
    }
    this.#depose(`the datastore is in term ${present}`);
    return false;
  }

  #recordOf(reign: Reign): LeaseRecord {
    const { node, boot } = this.link;
    reign.beat += 1;
    return { node, boot, term: reign.term, since: reign.since, beat: reign.beat };
  }

  #depose(reason: string): void {
    const { term } = this;
    if (term === null) return;
    this.link.logger.warn(`This node leads the cluster no longer (term ${term}): ${reason}`);
    this.#end();
    this.#onLease();
  }

  #end(): void {
    if (this.#reign === null) return;
    this.#reign = null;
    this.#renewSoon(0);
    this.#tell(null);
  }

  async #release(): Promise<void> {
    try {
      await this.#key.release();
    } catch (error) {
      this.link.logger.warn(`The lease is given back by its end only: ${messageOf(error)}`);
    }
  }

  #tell(leader: Leader | null): void {
    const { node, term } = this.#leader ?? {};
    if (node === leader?.node && term === leader?.term) return;
    this.#leader = leader;
    if (leader !== null) this.#highest = leader.term;
    this.#changes.tell(leader);
  }
}
