import type { Unsubscribe } from './unsubscribe.js';

/** What one write of a node did to one collection that all nodes keep in memory. */
export interface RowNews {
  readonly collection: string;
  /** Null when it may have been any of its rows. */
  readonly ids: readonly (string | number)[] | null;
  /** Which of the node's writes of this collection it is; the next one has the next number. */
  readonly version: number;
}

/** Applies what another node wrote; told the same twice, it does no harm. */
export type RowApplier = (news: readonly RowNews[], node: string) => Promise<void>;

/** Tells the nodes of each other's writes, so that what they keep in memory of the store is so everywhere. */
export abstract class RowFeed {
  /** The node whose writes are told from here; null when nobody else writes the store. */
  abstract readonly node: string | null;
  /** Whether anybody else writes the store. */
  isShared(): this is { readonly node: string } {
    return this.node !== null;
  }

  /** What the others tell arrives here, or would. */
  abstract readonly isHearing: boolean;
  /** Resolves when all nodes have applied it, but for those that are gone. Never rejects. */
  abstract tell(news: readonly RowNews[]): Promise<void>;
  /** Others' writes go to this one from now on. */
  abstract follow(apply: RowApplier): Unsubscribe;
  /** Told when something may have been missed: a node ended in the middle of a write, or was not heard. */
  abstract onMissed(listener: () => void): Unsubscribe;
}
