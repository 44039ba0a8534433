import type { Mark } from './lock-claim.js';
import { CONFLICTS, MARK_KINDS, type MarkKind } from './mark-kind.js';
import { LinkedList } from './linked-list.js';
import { LockWaitQueue, type LineObserver } from './lock-wait-queue.js';

/**
 * The marks at one node of the dominator tree: of each kind a set that runs and a line that waits.
 * A waiting mark is blocked while a conflicting one runs or stands earlier; that is the start rule,
 * looked at from one node. Marks of one task have the same order, so they never block each other.
 */
export class MarkQueue {
  readonly #running: (LinkedList<Mark> | undefined)[] = [];
  readonly #waiting: (LockWaitQueue | undefined)[] = [];
  #size = 0;

  constructor(private readonly observer: LineObserver) {}

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(mark: Mark): void {
    this.#size += 1;
    if (mark.claim.holder.isRunning) this.#addRunning(mark);
    else this.#lineOf(mark.kind).add(mark);
    this.#refresh();
  }

  /** The holder must be what it was when the mark was added or granted. */
  remove(mark: Mark): void {
    this.#size -= 1;
    if (mark.claim.holder.isRunning) this.#running[mark.kind]?.remove(mark);
    else this.#waiting[mark.kind]?.remove(mark);
    this.#refresh();
  }

  /**
   * The holder of a waiting mark has started. Nobody else's state changes: who conflicts with it
   * came later and was blocked by it already.
   */
  grant(mark: Mark): void {
    this.#waiting[mark.kind]?.remove(mark);
    this.#addRunning(mark);
  }

  *running(kinds: readonly MarkKind[]): Generator<Mark> {
    for (const kind of kinds) yield* this.#running[kind] ?? [];
  }

  *waiting(kinds: readonly MarkKind[]): Generator<Mark> {
    for (const kind of kinds) yield* this.#waiting[kind] ?? [];
  }

  #addRunning(mark: Mark): void {
    const list = (this.#running[mark.kind] ??= new LinkedList());
    list.push(mark);
  }

  #lineOf(kind: MarkKind): LockWaitQueue {
    return (this.#waiting[kind] ??= new LockWaitQueue(this.observer));
  }

  #refresh(): void {
    for (const kind of MARK_KINDS) {
      const line = this.#waiting[kind];
      if (line?.first != null) line.part(this.#boundOf(kind));
    }
  }

  /** Up to which order nothing stands against a mark of this kind. */
  #boundOf(kind: MarkKind): number {
    let bound = Infinity;
    for (const other of CONFLICTS[kind]) {
      if (this.#running[other]?.first != null) return -Infinity;
      bound = Math.min(bound, this.#waiting[other]?.first?.order ?? Infinity);
    }
    return bound;
  }
}
