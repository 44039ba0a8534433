import { BucketWatch } from './bucket-watch.js';
import { type LeaseRecord, readLease, writeLease } from './lease-record.js';
import { type BucketEntry, NatsBucket } from './nats-bucket.js';
import type { NatsLink } from './nats-link.js';

const KEY = 'leader';
const RENEWALS_PER_LEASE = 3;

/**
 * The lease of leadership as it is seen from here. It is vacant when it was given back, or when nothing
 * new was heard of it for its whole time, by this process's steady clock; NATS has the last word, which
 * takes a change only from who knows the latest one.
 */
export class LeaseKey {
  readonly #bucket: NatsBucket;
  readonly #watch: BucketWatch;
  readonly #stop: () => void;
  #value: string | null = null;
  #revision = 0;
  #heardMs = performance.now();
  #isWhole = false;
  /** Nobody has it for certain: it was given back, or there was none when this node came. */
  #isFree = false;

  /** @param onChange - called when it is heard of the lease, whatever it is */
  constructor(
    private readonly link: NatsLink,
    private readonly leaseMs: number,
    private readonly onChange: () => void,
  ) {
    const timeoutMs = leaseMs / RENEWALS_PER_LEASE;
    this.#bucket = new NatsBucket(link, 'leases', { ttlMs: leaseMs, timeoutMs });
    this.#watch = new BucketWatch(this.#bucket, {
      onEntry: (entry) => {
        if (entry.key === KEY) this.#see(entry);
      },
      onWhole: () => this.#onWhole(),
    });
    this.#stop = link.onConnected((isConnected) => {
      if (isConnected) this.#heardMs = performance.now(); // it was this node that heard nothing
    });
  }

  get record(): LeaseRecord | null {
    return readLease(this.#value);
  }

  /** Whether anybody may try to take it. */
  get isVacant(): boolean {
    if (!this.#isWhole || !this.link.isConnected) return false;
    return this.#isFree || this.isSilent || this.#isFormer;
  }

  /** Whether nothing was heard of it for its time, though this node could hear. */
  get isSilent(): boolean {
    return this.link.isConnected && performance.now() - this.#heardMs >= this.leaseMs;
  }

  /** Takes or renews it, if it is as it was last seen; false when it is not. */
  async put(record: LeaseRecord): Promise<boolean> {
    const value = writeLease(record);
    const revision = await this.#bucket.put(KEY, value, this.#revision);
    if (revision === null) return false;
    this.#note(value, revision);
    return true;
  }

  /** Looks at it where it lies: what watches may stand still, and NATS drops what is old without a word. */
  async refresh(): Promise<void> {
    const entry = await this.#bucket.get(KEY);
    if (entry !== null) {
      if (entry.value !== this.#value) this.#watch.restart();
      this.#see(entry);
      return;
    }
    this.#revision = 0;
  }

  /** Whether this node has it, as far as it has heard. */
  get isOwn(): boolean {
    return this.record?.boot === this.link.boot;
  }

  /** Gives it back, if this node has it, so that another one may take it at once. */
  async release(): Promise<void> {
    if (!this.link.isConnected || !this.isOwn || this.#revision === 0) return;
    await this.#bucket.remove(KEY, this.#revision);
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#watch.close();
  }

  /** This node's of before its start, which has ended: its name would not be free otherwise. */
  get #isFormer(): boolean {
    return this.record?.node === this.link.node && !this.isOwn;
  }

  #see({ value, revision }: BucketEntry): void {
    if (value === this.#value && revision === this.#revision) return;
    this.#note(value, revision);
    this.onChange();
  }

  #note(value: string | null, revision: number): void {
    if (value !== this.#value) this.#heardMs = performance.now();
    this.#value = value;
    this.#revision = revision;
    this.#isFree = value === null;
  }

  #onWhole(): void {
    if (!this.#isWhole) {
      this.#isWhole = true;
      this.#isFree ||= this.#value === null;
    }
    this.onChange();
  }
}
