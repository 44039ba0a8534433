import { ServiceOwner } from '../rpc/index.js';
import { type DependencyNode, planLoading, withDependents } from './dependency-order.js';
import type { DiscoveredPlugin, DuplicatePlugin } from './plugin-discovery.js';
import type { PluginRow } from '../wire/index.js';
import { type PluginRecord, rowOf, rowOfDuplicate } from './plugin-record.js';

/** The plugins that the host knows, by name, and how they hang together. */
export class PluginTable {
  readonly #records = new Map<string, PluginRecord>();
  #duplicates: readonly DuplicatePlugin[] = [];

  get(name: string): PluginRecord | undefined {
    return this.#records.get(name);
  }

  names(): string[] {
    return [...this.#records.keys()];
  }

  /** The record of a plugin found on disk: the present one or a new one. */
  meet(plugin: DiscoveredPlugin): PluginRecord {
    const present = this.#records.get(plugin.name);
    if (present !== undefined) return present;
    const record: PluginRecord = {
      owner: new ServiceOwner(plugin.name),
      plugin,
      depends: [],
      dependencies: [],
      version: null,
      metadata: {},
      services: [],
      status: { state: 'unloaded' },
    };
    this.#records.set(plugin.name, record);
    return record;
  }

  /** Remembers the duplicates of the latest discovery; returns those that are new. */
  noteDuplicates(duplicates: readonly DuplicatePlugin[]): DuplicatePlugin[] {
    const known = new Set(this.#duplicates.map(({ entry }) => entry));
    this.#duplicates = duplicates;
    return duplicates.filter(({ entry }) => !known.has(entry));
  }

  /** `names` and everything that depends on them. */
  withDependents(names: Iterable<string>): Set<string> {
    return withDependents(names, this.nodes());
  }

  /** Those that are loaded, dependents before what they depend on. */
  inUnloadOrder(names: ReadonlySet<string>): PluginRecord[] {
    const { order } = planLoading(this.nodes());
    const loaded = order
      .map((name) => this.#records.get(name))
      .filter((record) => record?.status.state === 'loaded' && names.has(record.plugin.name));
    return (loaded as PluginRecord[]).reverse();
  }

  rows(): PluginRow[] {
    const rows = [
      ...[...this.#records.values()].map(rowOf),
      ...this.#duplicates.map(rowOfDuplicate),
    ];
    return rows.sort((a, b) => compare(a.name, b.name) || compare(a.directory, b.directory));
  }

  /**
   * Who depends on whom.
   *
   * @param changed - what is to be believed instead of the records
   */
  nodes(
    changed: ReadonlyMap<string, Pick<DependencyNode, 'depends'>> = new Map(),
  ): DependencyNode[] {
    return Array.from(this.#records, ([name, record]) => ({
      name,
      depends: (changed.get(name) ?? record).depends,
      isShipped: record.plugin.isShipped === true,
    }));
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
