import { deferred } from '../../common/portable.js';

/**
 * `new`: the server was not asked on this connection; `asked`: it was, and has not confirmed;
 * `confirmed`: events since then count, and are asked for when the connection is another.
 */
type MaskState = 'new' | 'asked' | 'confirmed';

interface Mask {
  readonly mask: string;
  users: number;
  state: MaskState;
  readonly settled: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The masks of all subscriptions, each counted: the server hears of the first user and of the last. */
export class MaskTable {
  readonly #masks = new Map<string, Mask>();

  get all(): readonly string[] {
    return [...this.#masks.keys()];
  }

  inState(state: MaskState): readonly string[] {
    return [...this.#masks.values()].filter((one) => one.state === state).map(({ mask }) => mask);
  }

  /** Those of the masks that somebody still wants. */
  present(masks: readonly string[]): readonly string[] {
    return masks.filter((mask) => this.#masks.has(mask));
  }

  /** Returns the masks that nobody used before. */
  acquire(masks: readonly string[]): readonly string[] {
    const added: string[] = [];
    for (const mask of new Set(masks)) {
      const known = this.#masks.get(mask);
      if (known === undefined) {
        this.#masks.set(mask, newMask(mask));
        added.push(mask);
      } else {
        known.users += 1;
      }
    }
    return added;
  }

  /** Returns the masks that nobody uses any more. */
  release(masks: readonly string[]): readonly string[] {
    const gone: string[] = [];
    for (const mask of new Set(masks)) {
      const known = this.#masks.get(mask);
      if (known === undefined) continue;
      known.users -= 1;
      if (known.users > 0) continue;
      this.#masks.delete(mask);
      known.resolve();
      gone.push(mask);
    }
    return gone;
  }

  /** Resolves when the server has confirmed all of them; rejects when it refused one. */
  async confirmed(masks: readonly string[]): Promise<void> {
    await Promise.all(masks.flatMap((mask) => this.#masks.get(mask)?.settled ?? []));
  }

  /** The server is asked now; what is returned stands for this asking in the methods below. */
  begin(masks: readonly string[]): readonly Mask[] {
    const found = masks.flatMap((mask) => this.#masks.get(mask) ?? []);
    for (const mask of found) mask.state = 'asked';
    return found;
  }

  confirm(asked: readonly Mask[]): void {
    for (const mask of this.#current(asked)) {
      mask.state = 'confirmed';
      mask.resolve();
    }
  }

  /** The connection went before the answer. */
  renew(asked: readonly Mask[]): void {
    for (const mask of this.#current(asked)) mask.state = 'new';
  }

  /** They are dropped: a mask that the server will not have must not spoil the next connection too. */
  refuse(asked: readonly Mask[], error: Error): void {
    for (const mask of this.#current(asked)) {
      this.#masks.delete(mask.mask);
      mask.reject(error);
    }
  }

  reject(masks: readonly string[], error: Error): void {
    for (const mask of masks) this.#masks.get(mask)?.reject(error);
  }

  #current(asked: readonly Mask[]): readonly Mask[] {
    return asked.filter((one) => one.state === 'asked' && this.#masks.get(one.mask) === one);
  }
}

function newMask(mask: string): Mask {
  const { promise: settled, resolve, reject } = deferred<undefined>();
  settled.catch(() => undefined); // whoever waits for it is told; nobody has to wait
  return { mask, users: 1, state: 'new', settled, resolve: () => resolve(undefined), reject };
}
