import type { Claim, Claims } from '../../sdk/index.js';
import { isDispatcherError } from '../../common/index.js';
import {
  type RegisteredResource,
  ResourceGraph,
  type ResourcePlacement,
} from '../resources/index.js';
import type { ResourceChange } from './node-messages.js';

const ROOT = 'root';
/** One for all nodes. */
const SYSTEM = 'system';
const SERVER = 'server';

/**
 * What tasks of all nodes lock, as the leader knows it. What a node's plugins have registered lies below
 * `node:<name>`, under the names `<node>!<resource>`.
 */
export class LeaderResources {
  readonly graph = new ResourceGraph();
  readonly #nodes = new Map<string, Set<string>>();

  /**
   * A plugin of the node has changed what it has.
   *
   * @throws RpcException as {@link ResourceGraph} does
   */
  apply(node: string, of: ResourceChange): void {
    this.#enter(node);
    switch (of.change) {
      case 'register':
        this.#register(node, { ...of, ...of.placement });
        break;
      case 'update':
        this.graph.update(named(node, of.name), placed(node, of.placement));
        break;
      case 'rename':
        this.graph.rename(named(node, of.name), named(node, of.to));
        break;
      case 'remove':
        this.graph.remove(named(node, of.name));
        break;
      case 'release':
        this.graph.releaseOwner(named(node, of.owner));
        break;
      case 'reload':
        this.graph.beginReload(named(node, of.owner));
        break;
      case 'reloaded':
        this.graph.endReload(named(node, of.owner));
    }
  }

  /** All that the node has; it says so when it is asked, and may have said some of it before. */
  declare(node: string, resources: readonly RegisteredResource[]): void {
    this.#enter(node);
    const own = resources.filter(({ name }) => name !== ROOT && name !== SYSTEM);
    for (const { name, owner } of own) this.#register(node, { name, owner });
    // each has its place once all are there: a parent may have come after its child
    for (const { name, parents } of own) {
      this.graph.update(named(node, name), placed(node, { parents }));
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

  #register(
    node: string,
    {
      name,
      owner,
      ...placement
    }: ResourcePlacement & { readonly name: string; readonly owner: string },
  ): void {
    const own = { owner: named(node, owner), ...placed(node, placement) };
    this.#nodes.get(node)?.add(own.owner);
    const present = this.graph.find(named(node, name));
    if (present?.owner === named(node, SERVER)) this.graph.remove(named(node, name)); // held until now
    try {
      this.graph.register(named(node, name), own);
    } catch (error) {
      if (!isDispatcherError(error) || present?.owner !== own.owner) throw error;
      this.graph.update(named(node, name), placed(node, placement)); // it has said so before
    }
  }

  #enter(node: string): void {
    if (this.#nodes.has(node)) return;
    this.#nodes.set(node, new Set([named(node, SERVER)]));
    this.graph.register(roof(node), { owner: SERVER });
  }
}

const nameOf = (claim: Claim): string => (typeof claim === 'string' ? claim : claim.resource);

const roof = (node: string): string => `node:${node}`;

function named(node: string, name: string): string {
  return `${node}!${name}`;
}

function placed(node: string, { parents = [], children }: ResourcePlacement): ResourcePlacement {
  const above = parents.filter((parent) => parent !== ROOT);
  const own = (name: string): string => (name === SYSTEM ? name : named(node, name));
  return {
    parents: above.length === 0 ? [roof(node)] : above.map(own),
    ...(children !== undefined && { children: children.map(own) }),
  };
}
