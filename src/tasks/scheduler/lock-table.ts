import { topsOf, type Edge, type GraphChange, type ResourceNode } from '../resources/index.js';
import { Mark, type LockClaim } from './lock-claim.js';
import { CONFLICTS, LOCK_KINDS, MARK_KINDS, type MarkKind } from './mark-kind.js';
import { MarkQueue } from './mark-queue.js';
import type { LineObserver } from './lock-wait-queue.js';

export interface LockTableObserver extends LineObserver {
  /** The resource of a waiting claim was removed from the graph. */
  vanished(claim: LockClaim): void;
}

/**
 * The claims of tasks that run or wait among each other, laid out as marks over the dominator tree
 * of the resource graph. Two claims conflict exactly when marks of theirs at one node do
 * (docs/adr/0010), so everything here costs what the claim's own marks are.
 */
export class LockTable {
  readonly #queues = new Map<ResourceNode, MarkQueue>();

  constructor(private readonly observer: LockTableObserver) {}

  /** Sets the marks of a claim: held at once when its holder runs, in line when it waits. */
  lay(claim: LockClaim): void {
    this.#layAt(claim, claim.spots());
  }

  strip(claim: LockClaim): void {
    for (const mark of claim.marks) {
      const queue = this.#queues.get(mark.node);
      queue?.remove(mark);
      if (queue?.isEmpty === true) this.#queues.delete(mark.node);
    }
    this.observer.meter.steps += claim.marks.length;
    claim.marks = [];
  }

  /** The claim's holder has started. */
  grant(claim: LockClaim): void {
    for (const mark of claim.marks) this.#queues.get(mark.node)?.grant(mark);
    this.observer.meter.steps += claim.marks.length;
  }

  /** Claims that lock the node. */
  *covering(node: ResourceNode): Generator<LockClaim> {
    for (const at of chainOf(node)) yield* this.#claimsAt(at, LOCK_KINDS);
  }

  /** Claims that lock the node or anything below it. */
  *touching(node: ResourceNode): Generator<LockClaim> {
    for (const top of topsOf(node)) yield* this.#claimsAt(top, MARK_KINDS);
    if (node.dominator !== node) yield* this.covering(node.dominator);
  }

  /** Claims of others that it conflicts with and that run, or wait and were admitted before. */
  *opponents(claim: LockClaim, before: number): Generator<LockClaim> {
    for (const [node, kind] of claim.spots()) {
      const queue = this.#queues.get(node);
      if (queue === undefined) continue;
      for (const mark of queue.running(CONFLICTS[kind])) {
        if (mark.claim.holder !== claim.holder) yield mark.claim;
      }
      for (const mark of queue.waiting(CONFLICTS[kind])) {
        if (mark.order < before && mark.claim.holder !== claim.holder) yield mark.claim;
      }
    }
  }

  isHeld(node: ResourceNode): boolean {
    for (const claim of this.touching(node)) if (claim.holder.isRunning) return true;
    return false;
  }

  /** The claims made at the node itself. */
  *waitingAt(node: ResourceNode): Generator<LockClaim> {
    for (const mark of this.#queues.get(node)?.waiting(LOCK_KINDS) ?? []) {
      if (mark.claim.anchors.includes(node)) yield mark.claim;
    }
  }

  /**
   * To be called before a change of the graph; what it returns, after it. Waiting claims lock what
   * the graph then says; running ones also keep what they have locked.
   */
  follow(change: GraphChange): () => void {
    const kept = this.#lockedAcross(change.lostEdges);
    const touched = this.#touchedBy(change);
    return () => {
      for (const claim of touched) this.#forgetGone(claim);
      this.#relay(touched);
      for (const { claim, child } of kept) {
        if (claim.locks(child)) continue;
        claim.hangAt(child);
        this.#relay([claim]);
      }
    };
  }

  #lockedAcross(edges: readonly Edge[]): { claim: LockClaim; child: ResourceNode }[] {
    const kept: { claim: LockClaim; child: ResourceNode }[] = [];
    for (const { parent, child } of edges) {
      for (const claim of this.covering(parent)) {
        if (claim.holder.isRunning) kept.push({ claim, child });
      }
    }
    return kept;
  }

  /** Claims whose marks may have to move, in the order of their holders. */
  #touchedBy({ node, newParents, newChildren, lostEdges, region }: GraphChange): LockClaim[] {
    const touched = new Set<LockClaim>();
    for (const at of region) {
      for (const claim of this.#claimsAt(at, LOCK_KINDS)) touched.add(claim);
    }
    const lostParents = lostEdges.filter(({ child }) => child === node).length;
    const parentsAfter = node.parents.size + newParents.length - lostParents;
    // a leaf below one parent lies in that parent's sub-tree: no claim above needs a new mark
    if (region.size > 1 || parentsAfter > 1) {
      // a new edge also opens a way past those that had all ways to its lower end
      for (const end of [node, ...newParents, ...newChildren]) {
        for (const claim of this.covering(end)) touched.add(claim);
      }
    }
    return [...touched].sort((a, b) => a.holder.order - b.holder.order);
  }

  #forgetGone(claim: LockClaim): void {
    const gone = claim.anchors.filter((anchor) => anchor.isGone);
    if (gone.length === 0) return;
    claim.anchors = claim.anchors.filter((anchor) => !anchor.isGone);
    for (const { name } of gone) {
      claim.missingName = name;
      if (!claim.holder.isRunning) this.observer.vanished(claim);
    }
  }

  /** Puts marks where they belong now; all are taken away first, so that each is put last in line. */
  #relay(claims: readonly LockClaim[]): void {
    const moved: (readonly [LockClaim, ReadonlyMap<ResourceNode, MarkKind>])[] = [];
    for (const claim of claims) {
      const spots = claim.spots();
      if (!hasMarksAt(claim, spots)) moved.push([claim, spots]);
    }
    for (const [claim] of moved) this.strip(claim);
    for (const [claim, spots] of moved) this.#layAt(claim, spots);
    for (const [{ holder }] of moved) {
      if (holder.blockedMarks === 0) this.observer.cleared(holder);
    }
  }

  #layAt(claim: LockClaim, spots: ReadonlyMap<ResourceNode, MarkKind>): void {
    claim.marks = [...spots].map(([node, kind]) => new Mark(claim, node, kind));
    for (const mark of claim.marks) this.#queueOf(mark.node).add(mark);
    this.observer.meter.steps += spots.size;
  }

  #queueOf(node: ResourceNode): MarkQueue {
    let queue = this.#queues.get(node);
    if (queue === undefined) {
      queue = new MarkQueue(this.observer);
      this.#queues.set(node, queue);
    }
    return queue;
  }

  *#claimsAt(node: ResourceNode, kinds: readonly MarkKind[]): Generator<LockClaim> {
    const queue = this.#queues.get(node);
    if (queue === undefined) return;
    for (const mark of queue.running(kinds)) yield mark.claim;
    for (const mark of queue.waiting(kinds)) yield mark.claim;
  }
}

function hasMarksAt(claim: LockClaim, spots: ReadonlyMap<ResourceNode, MarkKind>): boolean {
  if (spots.size !== claim.marks.length) return false;
  return claim.marks.every(({ node, kind }) => spots.get(node) === kind);
}

/** The node, then whatever dominates it, up to the root. */
function* chainOf(node: ResourceNode): Generator<ResourceNode> {
  let at = node;
  for (; at.dominator !== at; at = at.dominator) yield at;
  yield at;
}
