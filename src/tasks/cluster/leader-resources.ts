import { isDispatcherError } from '../../common/index.js';
import type { Claim, Claims } from '../../sdk/index.js';
import { ResourceGraph, type ResourcePlacement, type ResourceScope } from '../resources/index.js';
import type { NodeResource, ResourceChange } from './node-messages.js';
import { SharedResources } from './shared-resources.js';

const ROOT = 'root';
/** One for all nodes. */
const SYSTEM = 'system';
const SERVER = 'server';

/**
 * What tasks of all nodes lock, as the leader knows it. What a node's plugins have registered lies below
 * `node:<name>`, under the names `<node>!<resource>`, but for what is one for all.
 */
export class LeaderResources {
  readonly graph = new ResourceGraph();
  readonly #shared = new SharedResources(this.graph);
  readonly #nodes = new Map<string, Set<string>>();

  /**
   * A plugin of the node has changed what it has.
   *
   * @throws RpcException as {@link ResourceGraph} does
   */
  apply(node: string, of: ResourceChange): void {
    this.#enter(node);
    if (of.change === 'register') this.#register(node, { ...of, ...of.placement });
    else if ('owner' in of) this.#applyOwner(node, of);
    else if (this.#isShared(node, of.name)) this.#applyShared(node, of);
    else this.#applyOwn(node, of);
  }

  /** All that the node has; it says so when it is asked, and may have said some of it before. */
  declare(node: string, resources: readonly NodeResource[]): void {
    this.#enter(node);
    const own = resources.filter(({ name }) => name !== ROOT && name !== SYSTEM);
    for (const { name, owner, scope } of own) this.#register(node, { name, owner, scope });
    // each has its place once all are there: a parent may have come after its child
    for (const { name, parents, scope } of own) {
      const at = scope === 'all' ? name : named(node, name);
      this.graph.update(at, this.#placed(node, { parents }, scope));
    }
  }

  /** What a run has locked stays locked, though its node cannot say yet what it has. */
  hold(node: string, claims: Claims): void {
    this.#enter(node);
    for (const claim of claims) {
      const name = nameOf(claim);
      if (this.#find(node, name) !== undefined) continue;
      this.graph.register(named(node, name), { owner: named(node, SERVER), parents: [roof(node)] });
    }
  }

  /** The node is gone: what of its resources nobody holds goes with it. */
  leave(node: string): void {
    for (const owner of this.#nodes.get(node) ?? []) this.graph.releaseOwner(owner);
    this.#shared.leave(node);
  }

  /** Names stand for what the node has, else for what all have. */
  resolve(node: string, claims: Claims): Claims {
    return claims.map((claim): Claim => {
      const resource = this.#find(node, nameOf(claim)) ?? named(node, nameOf(claim));
      return typeof claim === 'string' ? resource : { ...claim, resource };
    });
  }

  #find(node: string, name: string): string | undefined {
    return [named(node, name), name].find((each) => this.graph.find(each) !== undefined);
  }

  #isShared(node: string, name: string): boolean {
    return this.graph.find(named(node, name)) === undefined && this.#shared.has(name);
  }

  #applyOwner(
    node: string,
    { change, owner }: Extract<ResourceChange, { change: 'release' | 'reload' | 'reloaded' }>,
  ): void {
    if (change === 'release') {
      this.graph.releaseOwner(named(node, owner));
      this.#shared.release(node, owner);
    } else if (change === 'reload') {
      this.graph.beginReload(named(node, owner));
      this.#shared.beginReload(node, owner);
    } else {
      this.graph.endReload(named(node, owner));
      this.#shared.endReload(node, owner);
    }
  }

  #applyOwn(node: string, of: ChangeOfOne): void {
    const name = named(node, of.name);
    if (of.change === 'update') this.graph.update(name, this.#placed(node, of.placement));
    else if (of.change === 'rename') this.graph.rename(name, named(node, of.to));
    else this.graph.remove(name);
  }

  #applyShared(node: string, of: ChangeOfOne): void {
    if (of.change === 'update')
      this.#shared.update(of.name, this.#placed(node, of.placement, 'all'));
    else if (of.change === 'rename') this.#shared.rename(of.name, of.to);
    else this.#shared.remove(node, of.name);
  }

  #register(node: string, { name, owner, scope, ...placement }: Registering): void {
    const placed = this.#placed(node, placement, scope);
    if (scope === 'all') {
      this.#shared.register(node, name, { owner, ...placed });
      return;
    }
    const own = { owner: named(node, owner), ...placed };
    this.#nodes.get(node)?.add(own.owner);
    const present = this.graph.find(named(node, name));
    if (present?.owner === named(node, SERVER)) this.graph.remove(named(node, name)); // held until now
    try {
      this.graph.register(named(node, name), own);
    } catch (error) {
      if (!isDispatcherError(error) || present?.owner !== own.owner) throw error;
      this.graph.update(named(node, name), placed); // it has said so before
    }
  }

  #placed(
    node: string,
    { parents = [], children }: ResourcePlacement,
    scope: ResourceScope = 'node',
  ): ResourcePlacement {
    const above = parents.filter((parent) => parent !== ROOT);
    const found = (name: string): string => this.#find(node, name) ?? named(node, name);
    return {
      parents: above.length === 0 ? [scope === 'all' ? ROOT : roof(node)] : above.map(found),
      ...(children !== undefined && { children: children.map(found) }),
    };
  }

  #enter(node: string): void {
    if (this.#nodes.has(node)) return;
    this.#nodes.set(node, new Set([named(node, SERVER)]));
    this.graph.register(roof(node), { owner: SERVER });
  }
}

type ChangeOfOne = Extract<ResourceChange, { change: 'update' | 'rename' | 'remove' }>;

interface Registering extends ResourcePlacement {
  readonly name: string;
  readonly owner: string;
  readonly scope?: ResourceScope | undefined;
}

const nameOf = (claim: Claim): string => (typeof claim === 'string' ? claim : claim.resource);

const roof = (node: string): string => `node:${node}`;

function named(node: string, name: string): string {
  return `${node}!${name}`;
}
