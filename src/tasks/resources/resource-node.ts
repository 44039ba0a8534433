/**
 * A resource as the graph knows it. Its identity is this object: a rename changes `name` only, so
 * whoever holds a node holds the same thing under its new name.
 *
 * `dominator`, `depth` and `frontier` belong to dominators.ts, which keeps them true.
 */
export class ResourceNode {
  readonly parents = new Set<ResourceNode>();
  readonly children = new Set<ResourceNode>();

  /** The last resource that every path from the root passes before this one; the root's is itself. */
  dominator: ResourceNode = this;
  /** Distance from the root, counted in dominators. */
  depth = 0;
  /** The nodes just outside of what this one dominates: edges lead there, and others past it. */
  frontier: Set<ResourceNode> | null = null;

  /** It was removed, or its plugin is gone: it goes too, as soon as no running task has it locked. */
  isLeaving = false;
  isGone = false;

  constructor(
    public name: string,
    public owner: string,
  ) {}
}
