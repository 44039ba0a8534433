import { once } from 'node:events';
import { coded, Errno, messageOf, RpcException } from '../../common/index.js';
import { Listeners } from '../listeners.js';
import { type Announced, NodeDirectory, type NodeRecord } from '../node-directory.js';
import { NODE_PROTOCOL } from '../node-protocol.js';
import type { Unsubscribe } from '../unsubscribe.js';
import { Admission } from './admission.js';
import { BucketWatch } from './bucket-watch.js';
import { type BucketEntry, NatsBucket } from './nats-bucket.js';
import type { NatsLink } from './nats-link.js';
import { NodeTable } from './node-table.js';
import { PresenceKey } from './presence-key.js';
import { firstPresence, type Presence, readPresence } from './presence.js';

const BEATS_PER_LEASE = 3;
const LOOKS_PER_LEASE = 15;
/** Whoever has not heard itself for so much of the lease judges nobody else. */
const CONTACT = 0.6;
const SHORTEST_WAIT_MS = 5_000;

export interface NatsNodeDirectoryOptions {
  /** After so long without a sign a node is lost; each gives three in that time. */
  readonly leaseMs: number;
  readonly version: string;
  /** May be elected. */
  readonly isScheduler: boolean;
  /** Of what nodes say to each other; this version's, if not given. */
  readonly protocol?: number;
  /** Called when another node that lives has this one's name: this one had been silent for too long. */
  readonly onTaken: (reason: string) => void;
}

/**
 * Which nodes there are, by a key for each in a bucket that all watch. A third of the lease after the
 * other a node says what it is, and who says nothing for the lease is lost: by the steady clock of the one
 * who listens, and only if he has heard himself meanwhile. Times that others tell decide nothing.
 */
export class NatsNodeDirectory extends NodeDirectory {
  readonly #joins = new Listeners<[NodeRecord]>();
  readonly #changes = new Listeners<[NodeRecord]>();
  readonly #goings = new Listeners<[NodeRecord, 'left' | 'lost']>();
  readonly #islands = new Listeners<[boolean]>();
  readonly #bucket: NatsBucket;
  readonly #key: PresenceKey;
  readonly #table: NodeTable;
  readonly #watch: BucketWatch;
  readonly #whole: Promise<void>;
  readonly #stops: (() => void)[] = [];
  readonly #verifying = new Set<string>();
  /** Null once this node has joined. */
  #admission: Admission | null;
  #presence: Presence;
  #ownBeat = 0;
  #contactMs = performance.now();
  #isSuspended = false;
  #isIsland = false;
  #isFailing = false;

  private constructor(
    private readonly link: NatsLink,
    private readonly options: NatsNodeDirectoryOptions,
    admission: Admission,
  ) {
    super();
    const { leaseMs, isScheduler } = options;
    const { name, boot } = admission.node;
    this.#admission = admission;
    this.#presence = firstPresence(admission.node, { isScheduler });
    this.#bucket = new NatsBucket(link, 'nodes', {
      ttlMs: leaseMs,
      timeoutMs: leaseMs / BEATS_PER_LEASE,
    });
    this.#key = new PresenceKey(this.#bucket, {
      ...{ name, boot, leaseMs },
      next: () => (this.#presence = { ...this.#presence, beat: this.#presence.beat + 1 }),
      onTaken: (holder) => options.onTaken(this.#takenBy(holder)),
    });
    this.#table = new NodeTable(leaseMs, {
      onJoin: (node) => this.#joins.tell(node),
      onChange: (node) => this.#changes.tell(node),
      onGone: (node, how) => this.#goings.tell(node, how),
    });
    let onWhole = (): void => undefined;
    this.#whole = new Promise((resolve) => (onWhole = resolve));
    this.#watch = new BucketWatch(this.#bucket, {
      onEntry: (entry) => this.#onEntry(entry),
      onWhole: () => onWhole(),
    });
  }

  /**
   * Joins the nodes of a cluster, as `joining`, when nothing speaks against it.
   *
   * @throws (rejects with) RpcException EBUSY when a node that lives has the name, or speaks another
   *   protocol; ETIMEDOUT when NATS does not answer
   */
  static async join(link: NatsLink, options: NatsNodeDirectoryOptions): Promise<NatsNodeDirectory> {
    const { leaseMs, version, protocol = NODE_PROTOCOL } = options;
    const identity = { name: link.node, boot: link.boot, version, protocol };
    const admission = new Admission(link.cluster, identity, leaseMs);
    const directory = new NatsNodeDirectory(link, options, admission);
    try {
      await directory.#join(admission);
      return directory;
    } catch (error) {
      await directory.#stop();
      throw error;
    }
  }

  get self(): NodeRecord {
    return this.#presence.record;
  }

  get silentMs(): number {
    return performance.now() - this.#contactMs;
  }

  get isIsland(): boolean {
    return this.#isIsland;
  }

  list(): readonly NodeRecord[] {
    const nodes = [this.self, ...this.#table.list()];
    return nodes.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  get(name: string): NodeRecord | undefined {
    return name === this.self.name ? this.self : this.#table.get(name);
  }

  async announce(patch: Partial<Announced>): Promise<void> {
    this.#presence = { ...this.#presence, record: { ...this.self, ...patch } };
    this.#changes.tell(this.self);
    await this.#beat();
  }

  onJoin(listener: (node: NodeRecord) => void): Unsubscribe {
    return this.#joins.add(listener);
  }

  onChange(listener: (node: NodeRecord) => void): Unsubscribe {
    return this.#changes.add(listener);
  }

  onGone(listener: (node: NodeRecord, how: 'left' | 'lost') => void): Unsubscribe {
    return this.#goings.add(listener);
  }

  onIsland(listener: (isIsland: boolean) => void): Unsubscribe {
    return this.#islands.add(listener);
  }

  async forget(name: string): Promise<void> {
    const state = this.get(name)?.state;
    if (state === undefined) throw coded('NODE_UNKNOWN', { node: name });
    if (state !== 'lost') throw coded('NODE_NOT_LOST', { node: name, state });
    await this.#bucket.remove(name, null); // which the others see, too
    this.#table.remove(name);
  }

  /** Leaves in good order: the others are told. */
  async close(): Promise<void> {
    await this.#stop();
    try {
      await this.#key.remove();
    } catch (error) {
      this.link.logger.warn(
        `The other nodes were not told that this one leaves: ${messageOf(error)}`,
      );
    }
  }

  async #join(admission: Admission): Promise<void> {
    const { leaseMs } = this.options;
    const limit = AbortSignal.timeout(Math.max(leaseMs, SHORTEST_WAIT_MS));
    await Promise.race([this.#whole, expired(limit)]);
    await admission.granted();
    while (!(await this.#key.take(admission.revision))) {
      admission.noteOwn(await this.#bucket.get(this.self.name)); // NATS drops what is old without a word
      await admission.granted();
    }
    this.#admission = null;
    for (const presence of admission.others) this.#table.hear(presence, performance.now());
    this.#contactMs = performance.now();
    const beats = setInterval(() => void this.#beat(), leaseMs / BEATS_PER_LEASE).unref();
    const looks = setInterval(() => this.#look(), leaseMs / LOOKS_PER_LEASE).unref();
    this.#stops.push(
      () => clearInterval(beats),
      () => clearInterval(looks),
      this.link.onConnected((isConnected) => {
        if (isConnected) void this.#beat();
        else this.#isSuspended = true;
      }),
    );
  }

  async #stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.#watch.close();
  }

  async #beat(): Promise<void> {
    try {
      await this.#key.write();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        this.link.logger.warn(`The other nodes cannot be told of this one: ${messageOf(error)}`);
      }
      this.#isFailing = true;
    }
  }

  #onEntry(entry: BucketEntry): void {
    const { key, value } = entry;
    if (this.#admission !== null) this.#admission.note(entry);
    else if (value === null) this.#table.remove(key);
    else this.#hear(readPresence(key, value));
  }

  #hear(presence: Presence | null): void {
    if (presence === null) return;
    const { name, boot } = presence.record;
    if (name !== this.self.name) this.#table.hear(presence, performance.now());
    else if (boot === this.self.boot && presence.beat > this.#ownBeat) {
      this.#ownBeat = presence.beat;
      this.#touch();
    }
  }

  /** What this node says comes back to it: the others hear it, and it hears them. */
  #touch(): void {
    if (this.silentMs > this.options.leaseMs) this.#setIsland(true); // stopped, it saw nothing of it
    this.#contactMs = performance.now();
    if (this.#isSuspended) this.#table.pardon(this.#contactMs);
    this.#isSuspended = false;
    this.#setIsland(false);
  }

  #look(): void {
    const { silentMs } = this;
    const { leaseMs } = this.options;
    if (silentMs > leaseMs * CONTACT) this.#isSuspended = true;
    if (silentMs > leaseMs) this.#setIsland(true);
    if (this.#isSuspended) return;
    for (const name of this.#table.silent(performance.now())) void this.#verify(name);
  }

  /** Whether there is really nothing new: what watches may stand still. */
  async #verify(name: string): Promise<void> {
    if (this.#verifying.has(name)) return;
    this.#verifying.add(name);
    try {
      const entry = await this.#bucket.get(name);
      if (entry !== null) this.#onEntry(entry);
      if (this.#isSuspended) return;
      if (this.#table.silent(performance.now()).includes(name)) this.#table.lose(name);
      else this.#watch.restart();
    } catch {
      // nobody is lost as long as nothing can be asked
    } finally {
      this.#verifying.delete(name);
    }
  }

  #setIsland(isIsland: boolean): void {
    if (isIsland === this.#isIsland) return;
    this.#isIsland = isIsland;
    this.#islands.tell(isIsland);
  }

  #takenBy(holder: string): string {
    const { cluster, node } = this.link;
    return `Node ${node} of cluster ${cluster} is ${holder} now: nothing had been heard of this one for too long`;
  }
}

async function expired(limit: AbortSignal): Promise<never> {
  await once(limit, 'abort');
  throw new RpcException(
    Errno.ETIMEDOUT,
    'JetStream of NATS does not answer: is it enabled there?',
  );
}
