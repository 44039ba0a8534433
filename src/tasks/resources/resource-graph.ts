import { coded } from '../../common/index.js';
import { reshape } from './dominators.js';
import { link, planMove, planRemoval, unlink, type GraphChange } from './graph-change.js';
import { NO_GUARD, type GraphGuard } from './graph-guard.js';
import { walk } from './graph-paths.js';
import { ResourceNode } from './resource-node.js';

/** Everything is below it: who claims it claims the whole system. */
const ROOT = 'root';
/** The machine itself, beside all devices. */
const SYSTEM = 'system';

const SERVER = 'server';

const DONE = Promise.resolve();

export interface ResourcePlacement {
  /** What the resource depends on; `root` if none is named. */
  readonly parents?: readonly string[];
  /** What depends on the resource; left as it is when not given. */
  readonly children?: readonly string[];
}

/** In a cluster: whether each node has one of its own, or all have the same. */
export type ResourceScope = 'all' | 'node';

export interface ResourceRegistration extends ResourcePlacement {
  /** Means nothing on a server that is alone; `node`. */
  readonly scope?: ResourceScope;
  /** The plugin whose resource it is, see {@link ResourceGraph.releaseOwner}. */
  readonly owner: string;
}

export interface RegisteredResource {
  readonly name: string;
  readonly owner: string;
  readonly parents: readonly string[];
}

/**
 * The things that tasks lock: names in an acyclic graph below `root`, an edge from each to what
 * depends on it. A refused change leaves the graph as it was.
 *
 * @example
 * const graph = new ResourceGraph();
 * graph.register('disk:/dev/da0', { owner: 'storage' });
 * graph.register('zpool:tank', { owner: 'storage', parents: ['disk:/dev/da0'] });
 * graph.rename('zpool:tank', 'zpool:pond'); // who holds it goes on holding it
 */
export class ResourceGraph {
  readonly #nodes = new Map<string, ResourceNode>();
  readonly #leaving = new Set<ResourceNode>();
  readonly #reloading = new Set<string>();
  readonly #root = new ResourceNode(ROOT, SERVER);
  #guard: GraphGuard = NO_GUARD;

  constructor() {
    this.#nodes.set(ROOT, this.#root);
    this.register(SYSTEM, { owner: SERVER });
  }

  /** The scheduler looks after its locks when the graph changes. One guard, set once. */
  guardWith(guard: GraphGuard): void {
    if (this.#guard !== NO_GUARD) throw new Error('The resource graph has a guard already');
    this.#guard = guard;
  }

  /**
   * A name that was removed, or left behind by its unloaded plugin, and is there still because it is
   * held is taken over, locks and all: a plugin that is reloaded finds its resources, and what comes
   * back is not free while the task from before works on it.
   *
   * @throws RpcException EEXIST for a name in use, ENOENT for an unknown parent or child, EINVAL for
   * a cycle, EBUSY when two running tasks would come to share the resource
   */
  register(name: string, { owner, parents, children }: ResourceRegistration): void {
    const present = this.#nodes.get(name);
    if (present !== undefined && !present.isLeaving) {
      throw coded('RESOURCE_EXISTS', { resource: name, owner: present.owner });
    }
    const node = present ?? new ResourceNode(name, owner);
    this.#move(node, { parents: parents ?? [], children }, () => {
      this.#nodes.set(name, node);
      this.#leaving.delete(node);
      node.isLeaving = false;
      node.owner = owner;
    });
  }

  /**
   * Gives a resource other parents and, if named, other children. A child left without a parent
   * goes below `root`.
   *
   * @throws RpcException as {@link register} does; EPERM for `root` and `system`
   */
  update(name: string, { parents, children }: ResourcePlacement): void {
    this.#move(this.#own(name), { parents: parents ?? [], children });
  }

  /** @throws RpcException ENOENT, EEXIST for a name in use, EPERM for `root` and `system` */
  rename(from: string, to: string): void {
    const node = this.#own(from);
    const present = this.#nodes.get(to);
    if (present === node) return;
    if (present !== undefined) {
      throw coded('RESOURCE_EXISTS', { resource: to, owner: present.owner });
    }
    this.#nodes.delete(from);
    this.#nodes.set(to, node);
    node.name = to;
    this.#guard.named(node);
    this.#guard.settle();
  }

  /**
   * Removes a resource and what hangs on it alone; what a running task holds, or stands on, goes when
   * it is released.
   *
   * @throws RpcException ENOENT, EPERM for `root` and `system`
   */
  remove(name: string): void {
    const node = this.#own(name);
    if (this.#guard.isHeld(node)) this.#leave(node);
    else this.#remove(node);
    this.#guard.settle();
  }

  /** Removes what a plugin registered; what a running task holds, or stands on, goes later. */
  releaseOwner(owner: string): void {
    for (const node of this.#nodes.values()) {
      if (node.owner === owner) this.#leave(node);
    }
    this.sweep();
    this.#guard.settle();
  }

  /**
   * The plugin is about to be loaded again: what it leaves behind stays until {@link endReload}, so
   * that its next generation takes it over and tasks that wait for it go on waiting.
   */
  beginReload(owner: string): void {
    this.#reloading.add(owner);
  }

  /** What the next generation has not taken over goes. */
  endReload(owner: string): void {
    if (!this.#reloading.delete(owner)) return;
    this.sweep();
    this.#guard.settle();
  }

  /** Removes what had to stay because it was held and is no longer. The scheduler calls it. */
  sweep(): void {
    for (const node of this.#leaving) {
      if (this.#reloading.has(node.owner)) continue;
      // removed together with what it hung on, or still in use
      if (!node.isGone && !this.#guard.isHeld(node)) this.#remove(node);
    }
  }

  /**
   * Resolves when whoever grants locks knows of all changes up to now: at once, where that is this server.
   *
   * @throws (rejects with) RpcException what it refuses
   */
  told(): Promise<void> {
    return DONE;
  }

  find(name: string): ResourceNode | undefined {
    return this.#nodes.get(name);
  }

  nodes(): Iterable<ResourceNode> {
    return this.#nodes.values();
  }

  /** In order of registration; parents in the order they were given. */
  list(): RegisteredResource[] {
    return Array.from(this.#nodes.values(), ({ name, owner, parents }) => ({
      name,
      owner,
      parents: Array.from(parents, (parent) => parent.name),
    }));
  }

  #move(
    node: ResourceNode,
    { parents, children }: { parents: readonly string[]; children: readonly string[] | undefined },
    register: () => void = () => undefined,
  ): void {
    const above = parents.length === 0 ? [this.#root] : this.#findAll(parents, node);
    const below = children === undefined ? node.children : this.#findAll(children, node);
    const placement = { parents: new Set(above), children: new Set(below) };
    refuseCycle(node, placement.parents, placement.children);
    const isNew = !this.#nodes.has(node.name);
    this.#apply(planMove(node, placement), register);
    if (isNew) this.#guard.named(node);
    this.#guard.settle();
  }

  #leave(node: ResourceNode): void {
    node.isLeaving = true;
    this.#leaving.add(node);
  }

  #remove(node: ResourceNode): void {
    this.#apply(planRemoval(node), () => undefined);
  }

  #apply(change: GraphChange, register: () => void): void {
    this.#guard.check(change);
    const followed = this.#guard.follow(change);
    reshape(change.region, () => {
      register();
      this.#rewire(change);
    });
    followed();
  }

  #rewire({ node, newParents, newChildren, lostEdges, gone }: GraphChange): void {
    for (const parent of newParents) link(parent, node);
    for (const child of newChildren) link(node, child);
    for (const edge of lostEdges) {
      unlink(edge);
      if (edge.child.parents.size === 0) link(this.#root, edge.child);
    }
    for (const lost of gone) {
      lost.isGone = true;
      this.#nodes.delete(lost.name);
      this.#leaving.delete(lost);
      for (const parent of lost.parents) parent.children.delete(lost);
    }
  }

  /** A resource that may be changed from outside. */
  #own(name: string): ResourceNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw coded('RESOURCE_NOT_FOUND', { resource: name });
    if (name === ROOT || name === SYSTEM) throw coded('RESOURCE_RESERVED', { resource: name });
    return node;
  }

  /** `self` is found under its name before it is registered: naming oneself is a cycle. */
  #findAll(names: readonly string[], self: ResourceNode): ResourceNode[] {
    return names.map((name) => {
      const node = name === self.name ? self : this.#nodes.get(name);
      if (node === undefined) throw coded('RESOURCE_NOT_FOUND', { resource: name });
      return node;
    });
  }
}

/** Walks down from the node as it would be: reaching one of its parents would close a cycle. */
function refuseCycle(
  node: ResourceNode,
  parents: ReadonlySet<ResourceNode>,
  children: ReadonlySet<ResourceNode>,
): void {
  if (children.size === 0 && !parents.has(node)) return;
  const path = children.has(node)
    ? [node]
    : walk(
        node,
        (at) => parents.has(at),
        (at) => (at === node ? children : at.children),
      );
  if (path === null) return;
  const cycle = [...path, node].map(({ name }) => name).join(' -> ');
  throw coded('RESOURCE_CYCLE', { resource: node.name, cycle });
}
