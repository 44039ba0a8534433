import { setTimeout as delay } from 'node:timers/promises';
import type { NodeCalls } from '../node-calls.js';
import type { NodeDirectory, NodeRecord } from '../node-directory.js';
import { type RowApplier, RowFeed, type RowNews } from '../row-feed.js';
import type { Unsubscribe } from '../unsubscribe.js';

const CHANNEL = 'rows';
const ANSWER_MS = 5_000;
const RETRY_MS = 200;
/** Who has been silent for more of the lease does not count on being told: some time later it is lost. */
const CONTACT = 0.6;

export interface NatsRowFeedParts {
  readonly directory: NodeDirectory;
  readonly calls: NodeCalls;
  /** After so long without being heard a node is lost to the others. */
  readonly leaseMs: number;
}

/**
 * Tells each node by a call, again and again until it has answered or is gone. A node that hears nobody
 * waits for the others no longer than they take to see that it is lost, and to read what it wrote.
 */
export class NatsRowFeed extends RowFeed {
  readonly #end = new AbortController();
  readonly #missed = new Set<() => void>();
  readonly #stops: readonly Unsubscribe[];

  constructor(private readonly parts: NatsRowFeedParts) {
    super();
    const tell = (): void => {
      for (const listener of [...this.#missed]) listener();
    };
    this.#stops = [parts.directory.onGone(tell), parts.directory.onIsland(tell)];
  }

  get node(): string {
    return this.parts.directory.self.name;
  }

  get isHearing(): boolean {
    const { directory, leaseMs } = this.parts;
    return directory.silentMs <= leaseMs * CONTACT;
  }

  async tell(news: readonly RowNews[]): Promise<void> {
    const nodes = this.parts.directory.list();
    const others = nodes.filter(({ name, state }) => name !== this.node && state !== 'lost');
    await Promise.all(others.map((node) => this.#tellNode(node, news)));
  }

  follow(apply: RowApplier): Unsubscribe {
    return this.parts.calls.serve(CHANNEL, async (body, { node }) => {
      await apply(body as readonly RowNews[], node);
      return null;
    });
  }

  onMissed(listener: () => void): Unsubscribe {
    this.#missed.add(listener);
    return () => void this.#missed.delete(listener);
  }

  /** Waits for nobody any more. */
  close(): void {
    this.#end.abort();
    for (const stop of this.#stops) stop();
  }

  async #tellNode(node: NodeRecord, news: readonly RowNews[]): Promise<void> {
    const { calls, directory, leaseMs } = this.parts;
    const gone = new AbortController();
    const stop = directory.onGone(({ name }) => {
      if (name === node.name) gone.abort();
    });
    const signal = AbortSignal.any([gone.signal, this.#end.signal]);
    const request = { channel: CHANNEL, body: news, timeoutMs: ANSWER_MS };
    let deafSinceMs: number | null = null;
    try {
      while (!signal.aborted && isThere(directory, node)) {
        try {
          await calls.call(node.name, request, signal);
          return;
        } catch {
          deafSinceMs = this.isHearing ? null : (deafSinceMs ?? performance.now());
          if (deafSinceMs !== null && performance.now() - deafSinceMs > leaseMs) return;
          await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
        }
      }
    } finally {
      stop();
    }
  }
}

/** One that was started anew has read the store since. */
function isThere(directory: NodeDirectory, { name, boot }: NodeRecord): boolean {
  const present = directory.get(name);
  return present !== undefined && present.state !== 'lost' && present.boot === boot;
}
