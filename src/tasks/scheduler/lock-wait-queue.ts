import type { LockHolder, Mark } from './lock-claim.js';
import { LinkedList } from './linked-list.js';
import type { WorkMeter } from './work-meter.js';

export interface LineObserver {
  readonly meter: WorkMeter;
  /** Nothing stands against any mark of the holder any more. */
  cleared(holder: LockHolder): void;
}

/**
 * The waiting marks of one kind at one node. Whether a mark is blocked depends on one number, the
 * first order among the kinds that conflict with it, so the blocked ones are always the tail of
 * the line: a cursor parts it, and a change costs what the cursor moves.
 */
export class LockWaitQueue {
  readonly #marks = new LinkedList<Mark>();
  #firstBlocked: Mark | null = null;

  constructor(private readonly observer: LineObserver) {}

  get first(): Mark | null {
    return this.#marks.first;
  }

  add(mark: Mark): void {
    this.observer.meter.steps += this.#marks.insertInOrder(mark);
    if (mark.previous?.isBlocked !== true) return;
    mark.isBlocked = true;
    mark.claim.holder.blockedMarks += 1;
  }

  remove(mark: Mark): void {
    if (mark === this.#firstBlocked) this.#firstBlocked = mark.next;
    this.#marks.remove(mark);
    if (!mark.isBlocked) return;
    mark.isBlocked = false;
    mark.claim.holder.blockedMarks -= 1;
  }

  /** Marks up to order `bound` are clear, those behind it blocked. */
  part(bound: number): void {
    while (this.#firstBlocked !== null && this.#firstBlocked.order <= bound) {
      this.#unblock(this.#firstBlocked);
    }
    for (;;) {
      const lastClear =
        this.#firstBlocked === null ? this.#marks.last : this.#firstBlocked.previous;
      if (lastClear === null || lastClear.order <= bound) return;
      this.#block(lastClear);
    }
  }

  [Symbol.iterator](): Generator<Mark> {
    return this.#marks[Symbol.iterator]();
  }

  #unblock(mark: Mark): void {
    this.#firstBlocked = mark.next;
    mark.isBlocked = false;
    mark.claim.holder.blockedMarks -= 1;
    this.observer.meter.steps += 1;
    if (mark.claim.holder.blockedMarks === 0) this.observer.cleared(mark.claim.holder);
  }

  #block(mark: Mark): void {
    this.#firstBlocked = mark;
    mark.isBlocked = true;
    mark.claim.holder.blockedMarks += 1;
    this.observer.meter.steps += 1;
  }
}
