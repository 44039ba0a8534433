import { dominates, topsOf, type ResourceNode } from '../resources/index.js';
import { intentKind, isLock, lockKind, type LockMode, type MarkKind } from './mark-kind.js';
import type { Linked } from './linked-list.js';

/** Whose claims a lock table keeps. */
export interface LockHolder {
  readonly id: number;
  /** Place in the order of admission. */
  readonly order: number;
  readonly isRunning: boolean;
  /** Marks that an earlier or running task's mark stands against: none left, and it may start. */
  blockedMarks: number;
}

const NOWHERE: readonly ResourceNode[] = [];
const NO_MARKS: readonly Mark[] = [];

/** One claim of one task: a mode and the resource it stands for. */
export class LockClaim {
  /**
   * Where the locked set hangs: it is everything at and below these. A waiting claim has the one
   * node it names. A running one also keeps what used to be below it and was moved away. Replaced,
   * never grown, as its marks are: an array that grows is given room for 17.
   */
  anchors: readonly ResourceNode[] = NOWHERE;
  marks: readonly Mark[] = NO_MARKS;

  constructor(
    readonly holder: LockHolder,
    readonly mode: LockMode,
    /** The name it was made with, or the last one of a resource that is gone. */
    public missingName: string,
  ) {}

  hangAt(node: ResourceNode): void {
    if (this.anchors.includes(node)) return;
    this.anchors = this.anchors.length === 0 ? [node] : [...this.anchors, node];
  }

  /** The present name of what it claims. */
  get name(): string {
    const [anchor] = this.anchors;
    return anchor?.name ?? this.missingName;
  }

  locks(node: ResourceNode): boolean {
    return this.marks.some((mark) => isLock(mark.kind) && dominates(mark.node, node));
  }

  /**
   * Where its marks belong as the graph is now: a lock at each top of what it locks, an intention
   * at whatever dominates an anchor.
   */
  spots(): Map<ResourceNode, MarkKind> {
    const spots = new Map<ResourceNode, MarkKind>();
    const intent = intentKind(this.mode);
    for (const anchor of this.anchors) {
      for (let node = anchor; node.dominator !== node; node = node.dominator) {
        spots.set(node.dominator, intent);
      }
    }
    const lock = lockKind(this.mode);
    for (const anchor of this.anchors) {
      for (const top of topsOf(anchor)) spots.set(top, lock); // a lock says more than an intention
    }
    return spots;
  }
}

/** A claim's trace at one node of the dominator tree, member of one line of the node's queue. */
export class Mark implements Linked<Mark> {
  previous: Mark | null = null;
  next: Mark | null = null;
  isBlocked = false;

  constructor(
    readonly claim: LockClaim,
    readonly node: ResourceNode,
    readonly kind: MarkKind,
  ) {}

  get order(): number {
    return this.claim.holder.order;
  }
}
