/** How a task may hold a resource. */
export type LockMode = 'shared' | 'exclusive';

/**
 * What a claim leaves at a node of the dominator tree: it locks the whole sub-tree there, or it
 * locks something further below (an intention, the lock manager's way to be found from above).
 */
export const MarkKind = {
  INTENT_SHARED: 0,
  INTENT_EXCLUSIVE: 1,
  SHARED: 2,
  EXCLUSIVE: 3,
} as const;
export type MarkKind = (typeof MarkKind)[keyof typeof MarkKind];

export const MARK_KINDS: readonly MarkKind[] = [0, 1, 2, 3];

const { INTENT_SHARED, INTENT_EXCLUSIVE, SHARED, EXCLUSIVE } = MarkKind;

/** For each kind those that a mark of it cannot stand beside; symmetric. */
export const CONFLICTS: Readonly<Record<MarkKind, readonly MarkKind[]>> = {
  [INTENT_SHARED]: [EXCLUSIVE],
  [INTENT_EXCLUSIVE]: [SHARED, EXCLUSIVE],
  [SHARED]: [INTENT_EXCLUSIVE, EXCLUSIVE],
  [EXCLUSIVE]: MARK_KINDS,
};

export function lockKind(mode: LockMode): MarkKind {
  return mode === 'shared' ? SHARED : EXCLUSIVE;
}

export function intentKind(mode: LockMode): MarkKind {
  return mode === 'shared' ? INTENT_SHARED : INTENT_EXCLUSIVE;
}

/** True for a mark that locks the node it stands at. */
export function isLock(kind: MarkKind): boolean {
  return kind === SHARED || kind === EXCLUSIVE;
}

/** The kinds that lock the node they stand at. */
export const LOCK_KINDS: readonly MarkKind[] = [SHARED, EXCLUSIVE];
