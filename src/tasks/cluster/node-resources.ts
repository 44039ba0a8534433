import {
  ResourceGraph,
  type ResourcePlacement,
  type ResourceRegistration,
} from '../resources/index.js';
import type { NodeResource, ResourceChange } from './node-messages.js';

const SERVER = 'server';

/**
 * What the plugins of a node of a cluster have registered. Nothing is locked here: the leader is told of
 * each change, and asks for all of it when it begins to lead.
 */
export class NodeResources extends ResourceGraph {
  #told: Promise<void> = Promise.resolve();
  /** Names of those that all nodes have together; one that is gone may stay there. */
  readonly #shared = new Set<string>();

  /** @param tell - sends a change to the leader; resolves when it knows, or when nobody leads */
  constructor(private readonly tell: (change: ResourceChange) => Promise<void>) {
    super();
  }

  override register(name: string, registration: ResourceRegistration): void {
    super.register(name, registration);
    if (registration.owner === SERVER) return; // the leader has it, too
    const { owner, scope = 'node', ...placement } = registration;
    if (scope === 'all') this.#shared.add(name);
    else this.#shared.delete(name);
    this.#tell({ change: 'register', name, owner, scope, placement });
  }

  override update(name: string, placement: ResourcePlacement): void {
    super.update(name, placement);
    this.#tell({ change: 'update', name, placement });
  }

  override rename(from: string, to: string): void {
    super.rename(from, to);
    if (this.#shared.delete(from)) this.#shared.add(to);
    this.#tell({ change: 'rename', name: from, to });
  }

  override remove(name: string): void {
    super.remove(name);
    this.#tell({ change: 'remove', name });
  }

  override releaseOwner(owner: string): void {
    super.releaseOwner(owner);
    this.#tell({ change: 'release', owner });
  }

  override beginReload(owner: string): void {
    super.beginReload(owner);
    this.#tell({ change: 'reload', owner });
  }

  override endReload(owner: string): void {
    super.endReload(owner);
    this.#tell({ change: 'reloaded', owner });
  }

  /** All that there is, for a leader who asks. */
  all(): NodeResource[] {
    return this.list().map((each) => ({
      ...each,
      scope: this.#shared.has(each.name) ? 'all' : 'node',
    }));
  }

  override told(): Promise<void> {
    const told = this.#told;
    this.#told = told.catch(() => undefined); // a refusal is told once
    return told;
  }

  #tell(change: ResourceChange): void {
    const before = this.#told.catch(() => undefined);
    this.#told = before.then(() => this.tell(change));
    this.#told.catch(() => undefined); // whoever waits hears of it
  }
}
