import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { BucketEntry, NatsBucket } from './nats-bucket.js';

/** With the client's own, half a minute, a consumer may stand still for a minute before anybody sees it. */
const PULL_MS = 3_000;
/** A consumer of which nothing is heard for two of these stands still, and another one is made. */
const HEARTBEAT_MS = 1_000;
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
const OPERATION_HEADER = 'KV-Operation';

/** Who is told of a bucket's keys. */
export interface BucketListener {
  /** Of each key once at the start, and of every change; after a reconnect of each key again. */
  onEntry(entry: BucketEntry): void;
  /** Each key that there was has been told of. */
  onWhole(): void;
}

/**
 * Follows a bucket. With every reconnect, and whenever nothing comes any more, it begins anew with the
 * whole state. What NATS lets expire is not told: who needs that watches for silence.
 */
export class BucketWatch {
  readonly #end = new AbortController();
  readonly #stop: () => void;
  #round = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    private readonly bucket: NatsBucket,
    private readonly listener: BucketListener,
  ) {
    this.#stop = bucket.link.onConnected((isConnected) => {
      if (isConnected) this.restart();
    });
    this.#running = this.#run();
  }

  /** Tells the whole state again, and goes on from there. */
  restart(): void {
    this.#round.abort();
  }

  async close(): Promise<void> {
    this.#stop();
    this.#end.abort();
    this.#round.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs = PAUSE_MS;
    while (!this.#end.signal.aborted) {
      this.#round = new AbortController();
      const { signal } = this.#round;
      const isFollowed =
        this.bucket.link.isConnected &&
        (await Promise.race([this.#follow(signal), aborted(signal)]));
      pauseMs = isFollowed ? PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Until the signal or the consumer ends it; false when there was none to be had. */
  async #follow(signal: AbortSignal): Promise<boolean> {
    const { bucket, listener } = this;
    try {
      await bucket.ensure();
      const consumer = await bucket.link.jetstream.consumers.get(bucket.stream, {
        deliver_policy: DeliverPolicy.LastPerSubject,
        filter_subjects: `${bucket.prefix}>`,
      });
      let missing = (await consumer.info(true)).num_pending;
      signal.throwIfAborted();
      const messages = await consumer.consume({
        expires: PULL_MS,
        idle_heartbeat: HEARTBEAT_MS,
        callback: (message) => {
          if (signal.aborted) return;
          listener.onEntry(entryOf(message, bucket.prefix));
          missing -= 1;
          if (missing === 0) listener.onWhole();
        },
      });
      if (missing === 0) listener.onWhole();
      await Promise.race([aborted(signal), messages.closed(), silence(messages.status())]);
      messages.stop();
      return true;
    } catch {
      return false; // NATS is away or not ready yet
    }
  }
}

async function aborted(signal: AbortSignal): Promise<true> {
  if (!signal.aborted) await once(signal, 'abort');
  return true;
}

/** The client would go on where this one stood: of a bucket that was lost meanwhile that is nothing. */
async function silence(notices: AsyncIterable<{ readonly type: string }>): Promise<void> {
  for await (const { type } of notices) {
    if (type === 'heartbeats_missed' || type === 'ordered_consumer_recreated') return;
  }
}

function entryOf(message: JsMsg, prefix: string): BucketEntry {
  const isRemoved = message.headers?.has(OPERATION_HEADER) === true;
  return {
    key: message.subject.slice(prefix.length),
    value: isRemoved ? null : message.string(),
    revision: message.seq,
  };
}
