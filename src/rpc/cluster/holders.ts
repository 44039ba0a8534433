import { setTimeout as delay } from 'node:timers/promises';
import {
  type NodeCaller,
  NodeCalls,
  NodeDirectory,
  type Unsubscribe,
} from '../../cluster/index.js';
import {
  abortable,
  deferred,
  type Deferred,
  Errno,
  isDispatcherError,
} from '../../common/index.js';
import type { Sender } from '../../sdk/index.js';
import { isEndingSender } from '../ending-sender.js';

const CHANNEL = 'holder';
const AGAIN_MS = 500;

/**
 * Callers that something is given to until they go, across nodes. The node of the caller gives it a
 * name; a node that has given it something asks there when it has gone, and gets the answer then.
 */
export class Holders {
  readonly #own = new WeakMap<object, string>();
  readonly #present = new Map<string, Deferred<null>>();
  readonly #remote = new Map<string, RemoteHolder>();
  #last = 0;

  constructor(
    private readonly calls: NodeCalls,
    private readonly directory: NodeDirectory,
  ) {}

  /** Answers other nodes from now on. */
  serve(): Unsubscribe {
    return this.calls.serve(CHANNEL, (name, { signal }: NodeCaller) =>
      abortable(this.#present.get(name as string)?.promise ?? Promise.resolve(null), signal),
    );
  }

  /** What a caller of this node is called at others; null for one of whose end nobody hears. */
  nameOf(sender: Sender): string | null {
    if (!isEndingSender(sender)) return null;
    const known = this.#own.get(sender.holder);
    if (known !== undefined) return known;
    this.#last += 1;
    const name = `${this.directory.self.boot}-${this.#last}`;
    const end = deferred<null>();
    this.#own.set(sender.holder, name);
    this.#present.set(name, end);
    sender.onEnded(() => {
      this.#present.delete(name);
      end.resolve(null);
    });
    return name;
  }

  /** The one that a caller of another node stands for; the same as long as something is given to it. */
  of(node: string, name: string | null): RemoteHolder {
    if (name === null) return new RemoteHolder({ watched: (holder) => holder.end() });
    const key = `${node} ${name}`;
    return (
      this.#remote.get(key) ??
      new RemoteHolder({
        watched: (holder, signal) => {
          this.#remote.set(key, holder);
          signal.addEventListener('abort', () => this.#remote.delete(key));
          void this.#watch(node, name, signal).then(() => holder.end());
        },
      })
    );
  }

  /** Resolves when it has gone, or its node; while NATS is away nobody knows. */
  async #watch(node: string, name: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.calls.call(node, { channel: CHANNEL, body: name }, signal);
        return;
      } catch (error) {
        if (signal.aborted || !isDispatcherError(error) || error.code !== Errno.EIO) return;
        await delay(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }
}

interface HolderWatch {
  /** Something is given to it for the first time; the signal fires when that is no more so. */
  watched(holder: RemoteHolder, signal: AbortSignal): void;
}

/** Stands at this node for a caller of another one. */
export class RemoteHolder {
  readonly #listeners = new Set<() => void>();
  #watching: AbortController | null = null;

  constructor(private readonly watch: HolderWatch) {}

  onEnded(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    if (this.#watching === null) {
      this.#watching = new AbortController();
      this.watch.watched(this, this.#watching.signal);
    }
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  end(): void {
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
    this.#stop();
  }

  #stop(): void {
    this.#watching?.abort();
    this.#watching = null;
  }
}
