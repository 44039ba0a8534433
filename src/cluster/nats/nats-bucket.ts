import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import type { NatsLink } from './nats-link.js';

/** Until the servers of a cluster have told each other of a new bucket. */
const UNHEARD_MS = 50;
const NANOS_PER_MS = 1_000_000;
/** NATS wants the time in which it knows a message id again to be no longer than messages live. */
const MAX_DUPLICATE_WINDOW_MS = 120_000;

/** What a key holds. */
export interface BucketEntry {
  readonly key: string;
  /** Null when it was removed. */
  readonly value: string | null;
  /** What the next change of the key has to be told; it rises with each change of the bucket. */
  readonly revision: number;
}

export interface NatsBucketOptions {
  /** Entries that nobody renews go after so long, by NATS' own clock and without a word. */
  readonly ttlMs: number;
  /** How long a change may take. */
  readonly timeoutMs: number;
}

/** A bucket of keys that change by compare-and-set. It is made anew should NATS have lost it. */
export class NatsBucket {
  readonly stream: string;
  readonly prefix: string;
  readonly #name: string;
  #kv: KV | null = null;

  constructor(
    readonly link: NatsLink,
    what: string,
    private readonly options: NatsBucketOptions,
  ) {
    this.#name = link.named(what);
    this.stream = `KV_${this.#name}`;
    this.prefix = `$KV.${this.#name}.`;
  }

  /** The bucket is there, and keeps entries as long as it is meant to. */
  async ensure(): Promise<void> {
    const { link, options } = this;
    const { ttlMs } = options;
    this.#kv = await link.kv.create(this.#name, {
      ttl: ttlMs,
      replicas: link.replicas,
      allow_direct: false, // a replica may answer with what was before
    });
    const { config } = await link.manager.streams.info(this.stream);
    if (config.max_age === ttlMs * NANOS_PER_MS) return;
    await link.manager.streams.update(this.stream, {
      max_age: ttlMs * NANOS_PER_MS,
      duplicate_window: Math.min(ttlMs, MAX_DUPLICATE_WINDOW_MS) * NANOS_PER_MS,
    });
  }

  /**
   * Sets a key that is at a revision: 0 for one that was never there.
   *
   * @returns the new revision; null when the key is at another one
   */
  put(key: string, value: string, revision: number): Promise<number | null> {
    const { timeoutMs } = this.options;
    return this.#changed((kv) => kv.put(key, value, { previousSeq: revision, timeout: timeoutMs }));
  }

  /** Removes a key that is at a revision, or at whichever (null); false when it is at another one. */
  async remove(key: string, revision: number | null): Promise<boolean> {
    const done = await this.#changed(async (kv) => {
      await kv.delete(key, revision === null ? {} : { previousSeq: revision });
      return 0;
    });
    return done !== null;
  }

  /** What the key holds, as the bucket's own server has it; null where nothing is known of it. */
  async get(key: string): Promise<BucketEntry | null> {
    const found = await this.#attempt((kv) => kv.get(key));
    return found === null ? null : entryOf(found);
  }

  async #changed(change: (kv: KV) => Promise<number>): Promise<number | null> {
    try {
      return await this.#attempt(change);
    } catch (error) {
      if (isOtherRevision(error)) return null;
      throw error;
    }
  }

  /** What nobody heard changed nothing, and is said again as long as a change may take. */
  async #attempt<T>(work: (kv: KV) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.options.timeoutMs;
    for (;;) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (!wasUnheard(error) || performance.now() >= deadline) throw error;
        await delay(UNHEARD_MS);
      }
    }
  }

  /** Whatever failed may have failed because the bucket is gone: the next time makes it. */
  async #once<T>(work: (kv: KV) => Promise<T>): Promise<T> {
    if (this.#kv === null) await this.ensure();
    const kv = this.#kv;
    if (kv === null) throw new Error(`Bucket ${this.#name} is not there`);
    try {
      return await work(kv);
    } catch (error) {
      if (!isOtherRevision(error)) this.#kv = null;
      throw error;
    }
  }
}

function entryOf(entry: KvEntry): BucketEntry {
  const { key, operation, revision } = entry;
  return { key, revision, value: operation === 'PUT' ? entry.string() : null };
}

/**
 * The bucket is gone, or so new that the server of this node does not yet know where it is. The library
 * calls that JetStream that is off, by a class that it does not export.
 */
function wasUnheard(error: unknown): boolean {
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}

function isOtherRevision(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  const { StreamWrongLastSequence, StreamWrongLastSequenceUnknown } = JetStreamApiCodes;
  return error.code === StreamWrongLastSequence || error.code === StreamWrongLastSequenceUnknown;
}
