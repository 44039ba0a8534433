import { compileMask, type MaskMatcher } from '../common/index.js';

interface MaskEntry<S> {
  readonly matches: MaskMatcher;
  readonly subscribers: Set<S>;
}

const MAX_REMEMBERED_NAMES = 4_096;

/**
 * Who wants which events. Each mask is held once however many subscribe to it, and for each event
 * name the masks that match are remembered, so that a busy event costs one look-up and not one
 * match per mask.
 */
export class SubscriptionIndex<S> {
  readonly #masks = new Map<string, MaskEntry<S>>();
  readonly #matching = new Map<string, readonly MaskEntry<S>[]>();

  add(mask: string, subscriber: S): void {
    let entry = this.#masks.get(mask);
    if (entry === undefined) {
      entry = { matches: compileMask(mask), subscribers: new Set() };
      this.#masks.set(mask, entry);
      this.#matching.clear();
    }
    entry.subscribers.add(subscriber);
  }

  remove(mask: string, subscriber: S): void {
    const entry = this.#masks.get(mask);
    if (entry === undefined) return;
    entry.subscribers.delete(subscriber);
    if (entry.subscribers.size > 0) return;
    this.#masks.delete(mask);
    this.#matching.clear();
  }

  /** Everybody who wants the event, each once however many of its masks match. */
  subscribersOf(event: string): ReadonlySet<S> {
    const entries = this.#entriesFor(event);
    if (entries.length === 1) return entries[0]?.subscribers ?? new Set();
    const all = new Set<S>();
    for (const { subscribers } of entries)
      for (const subscriber of subscribers) all.add(subscriber);
    return all;
  }

  #entriesFor(event: string): readonly MaskEntry<S>[] {
    const known = this.#matching.get(event);
    if (known !== undefined) return known;
    const entries = [...this.#masks.values()].filter(({ matches }) => matches(event));
    if (this.#matching.size >= MAX_REMEMBERED_NAMES) this.#matching.clear();
    this.#matching.set(event, entries);
    return entries;
  }
}
