import type { NodeDirectory, NodeRecord } from '../../cluster/index.js';
import { deferred, onAbort } from '../../common/index.js';
import type { Clock } from '../../events/index.js';

export interface NodePresenceDependencies {
  readonly directory: Pick<NodeDirectory, 'get' | 'isIsland' | 'onChange' | 'onGone' | 'onIsland'>;
  readonly clock: Clock;
  readonly nodeLostMs: number;
}

export interface AwaitNode {
  readonly signal: AbortSignal;
  /** What is waited for died with a node that left; else that may come back. */
  readonly endsWhenLeft: boolean;
  /** Whether the node is as it has to be; that it is there, if not given. */
  readonly isReady?: (record: NodeRecord) => boolean;
}

/** Since when which nodes are away, by this node's steady clock. */
export class NodePresence {
  readonly #goneMs = new Map<string, number>();
  readonly #left = new Set<string>();
  readonly #unwatch: readonly (() => void)[];
  #changed = deferred<null>();

  constructor(private readonly dependencies: NodePresenceDependencies) {
    const { directory, clock } = dependencies;
    this.#unwatch = [
      directory.onChange((record) => {
        if (isThere(record)) this.#goneMs.delete(record.name);
        if (isThere(record)) this.#left.delete(record.name);
        this.#wake();
      }),
      directory.onGone(({ name }, how) => {
        this.#goneMs.set(name, clock.nowMs());
        if (how === 'left') this.#left.add(name);
        this.#wake();
      }),
      directory.onIsland(() => {
        // while this node hears nothing, that says nothing of the others
        for (const name of this.#goneMs.keys()) this.#goneMs.set(name, clock.nowMs());
        this.#wake();
      }),
    ];
  }

  isThere(node: string): boolean {
    const record = this.dependencies.directory.get(node);
    return record !== undefined && isThere(record);
  }

  /**
   * True as soon as the node is there; false when it has been away for too long.
   *
   * @throws (rejects with) the signal's reason
   */
  async whenThere(node: string, { signal, endsWhenLeft, isReady }: AwaitNode): Promise<boolean> {
    const { directory, clock, nodeLostMs } = this.dependencies;
    let sinceMs = clock.nowMs();
    for (;;) {
      signal.throwIfAborted();
      if (directory.isIsland) {
        await this.#change(nodeLostMs, signal);
        sinceMs = clock.nowMs();
        continue;
      }
      const record = directory.get(node);
      const isPresent = record !== undefined && isThere(record);
      if (isPresent && (isReady?.(record) ?? true)) return true;
      if (endsWhenLeft && this.#left.has(node)) return false;
      const fromMs = isPresent ? sinceMs : (this.#goneMs.get(node) ?? sinceMs);
      const leftMs = fromMs + nodeLostMs - clock.nowMs();
      if (leftMs <= 0) return false;
      await this.#change(leftMs, signal);
    }
  }

  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
  }

  async #change(atMostMs: number, signal: AbortSignal): Promise<void> {
    const over = deferred<null>();
    const cancel = this.dependencies.clock.after(atMostMs, () => over.resolve(null));
    const forget = onAbort(signal, () => over.resolve(null));
    await Promise.race([this.#changed.promise, over.promise]);
    cancel();
    forget();
  }

  #wake(): void {
    this.#changed.resolve(null);
    this.#changed = deferred<null>();
  }
}

function isThere({ state }: NodeRecord): boolean {
  return state === 'live' || state === 'draining';
}
