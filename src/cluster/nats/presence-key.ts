import type { NatsBucket } from './nats-bucket.js';
import {
  describePresence,
  LifeSign,
  type Presence,
  readPresence,
  writePresence,
} from './presence.js';

export interface PresenceOwner {
  readonly name: string;
  readonly boot: string;
  readonly leaseMs: number;
  /** What is to be told now, with a beat that was not told before. */
  readonly next: () => Presence;
  /** Called when another node that lives has the name. */
  readonly onTaken: (holder: string) => void;
}

/**
 * The one key in which this node tells of itself. Only its owner changes it: whoever finds another one
 * there sees first whether that one lives.
 */
export class PresenceKey {
  #revision = 0;
  /** What was written last, as long as nothing else is known to be there. */
  #own: number | null = null;
  #writing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;
  #rival: { readonly boot: string; readonly sign: LifeSign } | null = null;

  constructor(
    private readonly bucket: NatsBucket,
    private readonly owner: PresenceOwner,
  ) {}

  /** Takes the name, over what is left of one that is gone; false when somebody else was quicker. */
  async take(revision: number): Promise<boolean> {
    const { name, next } = this.owner;
    const taken = await this.bucket.put(name, writePresence(next()), revision);
    this.#own = taken;
    if (taken !== null) this.#revision = taken;
    return taken !== null;
  }

  /** Tells what is to be told then; several that ask at a time are told of once. */
  write(): Promise<void> {
    this.#queued ??= this.#writing.then(() => {
      this.#queued = null;
      return this.#write();
    });
    this.#writing = this.#queued.catch(() => undefined);
    return this.#queued;
  }

  /** Nobody is told of this node any more. */
  async remove(): Promise<void> {
    await this.#writing;
    if (this.#own === null || !this.bucket.link.isConnected) return;
    await this.bucket.remove(this.owner.name, this.#own);
  }

  async #write(): Promise<void> {
    if (!this.bucket.link.isConnected) return;
    if (await this.take(this.#revision)) return;
    await this.#look();
    if (this.#rival === null) await this.take(this.#revision);
  }

  /** The key is not as it was left: expired, removed, put back as it was long ago, or somebody else's. */
  async #look(): Promise<void> {
    const { name, boot } = this.owner;
    const entry = await this.bucket.get(name);
    const found = entry?.value == null ? null : readPresence(name, entry.value);
    this.#revision = entry?.revision ?? 0;
    const isFree = found === null || found.record.boot === boot || this.#isOver(found);
    if (isFree) this.#rival = null;
  }

  #isOver(found: Presence): boolean {
    const { leaseMs, onTaken } = this.owner;
    const { boot } = found.record;
    const nowMs = performance.now();
    if (this.#rival?.boot !== boot) {
      this.#rival = { boot, sign: new LifeSign(found, leaseMs, nowMs) };
    }
    const seen = this.#rival.sign.look(found, nowMs);
    if (seen === 'alive') onTaken(describePresence(found));
    return seen === 'dead';
  }
}
