import type { ResourceGraph, ResourcePlacement } from '../resources/index.js';

interface Shared {
  readonly owner: string;
  /** The nodes that have registered it. */
  readonly nodes: Set<string>;
}

/**
 * Resources that are one and the same for all nodes: each is there as long as one of the nodes has it.
 * Where nodes differ in what it hangs on, the latest is right.
 */
export class SharedResources {
  readonly #byName = new Map<string, Shared>();
  /** Of a plugin that is being reloaded at a node, what it has not registered again. */
  readonly #reloading = new Map<string, Set<string>>();

  constructor(private readonly graph: ResourceGraph) {}

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  register(
    node: string,
    name: string,
    { owner, ...placement }: ResourcePlacement & { readonly owner: string },
  ): void {
    this.#reloading.get(keyOf(node, owner))?.delete(name);
    const present = this.#byName.get(name);
    if (present === undefined) {
      this.graph.register(name, { owner: keyOf(ALL, owner), ...placement });
      this.#byName.set(name, { owner, nodes: new Set([node]) });
    } else {
      present.nodes.add(node);
      this.graph.update(name, placement);
    }
  }

  update(name: string, placement: ResourcePlacement): void {
    this.graph.update(name, placement);
  }

  /** Each node says so; the first renames it for all. */
  rename(name: string, to: string): void {
    const shared = this.#byName.get(name);
    if (shared === undefined || this.#byName.has(to)) return;
    this.graph.rename(name, to);
    this.#byName.delete(name);
    this.#byName.set(to, shared);
  }

  remove(node: string, name: string): void {
    const shared = this.#byName.get(name);
    if (shared?.nodes.delete(node) !== true || shared.nodes.size > 0) return;
    this.#byName.delete(name);
    if (this.graph.find(name) !== undefined) this.graph.remove(name);
  }

  release(node: string, owner: string): void {
    if (this.#reloading.has(keyOf(node, owner))) return;
    for (const name of this.#of(node, owner)) this.remove(node, name);
  }

  beginReload(node: string, owner: string): void {
    this.#reloading.set(keyOf(node, owner), new Set(this.#of(node, owner)));
  }

  endReload(node: string, owner: string): void {
    const left = this.#reloading.get(keyOf(node, owner)) ?? [];
    this.#reloading.delete(keyOf(node, owner));
    for (const name of left) this.remove(node, name);
  }

  /** The node is gone. */
  leave(node: string): void {
    for (const name of [...this.#byName.keys()]) this.remove(node, name);
  }

  #of(node: string, owner: string): string[] {
    const mine = [...this.#byName].filter(
      ([, shared]) => shared.owner === owner && shared.nodes.has(node),
    );
    return mine.map(([name]) => name);
  }
}

/** No node can have that name. */
const ALL = '*';

const keyOf = (node: string, owner: string): string => `${node}!${owner}`;
