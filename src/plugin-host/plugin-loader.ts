import { messageOf } from '../common/index.js';
import { planLoading } from './dependency-order.js';
import { GenerationFactory } from './generation-factory.js';
import {
  adopt,
  type Candidate,
  candidateOf,
  type Candidates,
  type FormerCode,
  formerCodeOf,
} from './plugin-candidate.js';
import type { DisabledPlugins } from './disabled-plugins.js';
import type { DiscoveredPlugin } from './plugin-discovery.js';
import { failureOf, PluginFailure, PluginSkipped } from './plugin-failure.js';
import type { PluginHostDependencies, PluginHostSettings } from './plugin-host.dependencies.js';
import { notRunning, obstacleAmong } from './plugin-obstacle.js';
import type { PluginRecord } from './plugin-record.js';
import type { PluginReporter } from './plugin-reporter.js';
import type { PluginTable } from './plugin-table.js';

/** What the loader works with: the table it reads and writes, and where it reports. */
export interface PluginLoaderContext {
  readonly host: PluginHostDependencies;
  readonly settings: PluginHostSettings;
  readonly table: PluginTable;
  readonly reporter: PluginReporter;
  readonly disabled: DisabledPlugins;
}

/**
 * Loads plugins, replaces them and takes them away, and keeps the gate of their services meanwhile.
 * Never rejects because of a plugin.
 *
 * A plugin that works is replaced in two steps, so that a mistake in its files takes it from nobody:
 * {@link prepare} makes the new generation beside the old one, which stays when that fails; in
 * {@link takeOver} one ends and the other begins, and when that fails the old code begins anew.
 */
export class PluginLoader {
  readonly #factory: GenerationFactory;

  constructor(private readonly context: PluginLoaderContext) {
    this.#factory = new GenerationFactory(context);
  }

  /**
   * Reads the code of `plugins` and constructs what can be constructed beside the generation at work.
   * Returns those that may take over; of the others the record says why not.
   *
   * @param leaving - names of plugins that the same change takes away
   */
  async prepare(
    plugins: readonly DiscoveredPlugin[],
    leaving: ReadonlySet<string>,
  ): Promise<Map<string, Candidate>> {
    const candidates = new Map<string, Candidate>();
    for (const plugin of plugins) {
      const candidate = await this.#read(plugin);
      if (candidate !== null) candidates.set(plugin.name, candidate);
    }
    await this.#refuseCycles(candidates);
    for (const candidate of candidates.values()) {
      if (candidate.record.status.state !== 'loaded') continue; // there is nothing to protect
      const failure = await this.#failureBeside(candidate, candidates, leaving);
      if (failure !== null) await this.#refuse(candidates, candidate, failure);
    }
    await this.#refuseCycles(candidates); // some may have to live with the old code of others
    return candidates;
  }

  /**
   * Makes those ready that have to begin anew because what they depend on does: on the code that
   * `plugins` has on the disk or, where there is none or it is bad, on the code they have.
   *
   * @param prepared - what they follow
   */
  async follow(
    records: readonly PluginRecord[],
    plugins: ReadonlyMap<string, DiscoveredPlugin>,
    prepared: Candidates,
  ): Promise<Map<string, Candidate>> {
    const candidates = new Map<string, Candidate>();
    for (const record of records) {
      const plugin = plugins.get(record.plugin.name);
      const candidate = plugin === undefined ? null : await this.#read(plugin);
      if (candidate !== null) candidates.set(record.plugin.name, candidate);
    }
    await this.#refuseCycles(candidates, prepared);
    for (const record of records) {
      const { name } = record.plugin;
      const candidate = candidates.has(name) ? null : await this.#readAgain(record);
      if (candidate !== null) candidates.set(name, candidate);
    }
    return candidates;
  }

  /**
   * Ends the generations at work, dependents first, and begins the candidates, dependencies first.
   *
   * @param gone - end for good, or until they are enabled again
   */
  async takeOver(candidates: Candidates, gone: readonly PluginRecord[]): Promise<void> {
    const former = new Map<string, FormerCode>();
    const ending = new Set([...candidates.keys(), ...gone.map(({ plugin }) => plugin.name)]);
    for (const record of this.context.table.inUnloadOrder(ending)) {
      former.set(record.plugin.name, formerCodeOf(record));
      await this.#unload(record);
    }
    for (const record of gone) {
      if (this.context.disabled.has(record.plugin.name)) this.disable(record);
      else record.status = { state: 'unloaded' };
      if (record.status.state === 'unloaded')
        this.context.host.services.forgetMissing(record.owner);
      this.#openGate(record);
    }
    for (const name of startOrder(candidates, former)) {
      const candidate = candidates.get(name);
      if (candidate !== undefined) await this.#start(candidate, former.get(name));
    }
  }

  /** The plugin's files could not be looked for: what works goes on. */
  notFound(record: PluginRecord, error: string): void {
    this.#settle(record, new PluginFailure('discovery', error));
  }

  /** Notes of one that does not run, or no more, that it is not to. */
  disable(record: PluginRecord): void {
    record.status = { state: 'disabled' };
    this.#tellMissing(record, 'is disabled, see management.enable_plugin');
  }

  /** Closes the gate, waits for the calls inside, and takes the plugin away. The gate stays closed. */
  async #unload(record: PluginRecord): Promise<void> {
    const { owner, status } = record;
    if (status.state !== 'loaded') return;
    this.context.host.services.reserve(owner);
    this.context.host.tasks.reserve(owner);
    this.context.host.settings.reserve(owner.name);
    this.context.host.resources.beginReload(owner.name);
    owner.hold();
    await this.#drain(record);
    await status.generation.unload();
    record.status = { state: 'unloaded' };
    this.context.reporter.unloaded(owner.name);
  }

  /** Lets waiting calls go on: to the new generation, or to learn that there is none. */
  #openGate({ owner }: PluginRecord): void {
    this.context.host.services.unreserve(owner);
    this.context.host.tasks.unreserve(owner);
    this.context.host.settings.unreserve(owner.name);
    this.context.host.resources.endReload(owner.name);
    owner.release();
  }

  /** Null when the code cannot be loaded; the record says why. */
  async #read(plugin: DiscoveredPlugin): Promise<Candidate | null> {
    const record = this.context.table.meet(plugin);
    if (record.status.state !== 'loaded') record.owner.hold();
    const generation = this.#factory.fromDisk(record, plugin);
    try {
      const candidate = await candidateOf(record, generation);
      if (record.status.state !== 'loaded') adopt(candidate);
      this.context.reporter.loaded(plugin.name);
      return candidate;
    } catch (error) {
      await generation.discard();
      if (record.status.state !== 'loaded') record.plugin = plugin;
      this.#settle(record, failureOf(error));
      return null;
    }
  }

  /** The code that is at work once more, as a candidate; null when none is. */
  async #readAgain(record: PluginRecord): Promise<Candidate | null> {
    const { status } = record;
    if (status.state !== 'loaded') return null;
    const generation = this.#factory.fromText(record, formerCodeOf(record));
    try {
      const candidate = await candidateOf(record, generation);
      return { ...candidate, ...(status.refused !== undefined && { refused: status.refused }) };
    } catch (error) {
      await generation.discard();
      this.#settle(record, failureOf(error));
      return null;
    }
  }

  async #refuseCycles(
    candidates: Map<string, Candidate>,
    others: Candidates = new Map(),
  ): Promise<void> {
    const { cycles } = planLoading(this.context.table.nodes(new Map([...others, ...candidates])));
    for (const [name, cycle] of cycles) {
      const failure = new PluginFailure('dependencies', `depends on itself: ${cycle}`);
      const candidate = candidates.get(name);
      if (candidate !== undefined) await this.#refuse(candidates, candidate, failure);
    }
  }

  /** Why the candidate may not take over, as far as that can be told while the old generation works. */
  async #failureBeside(
    { generation, dependencies }: Candidate,
    coming: Candidates,
    leaving: ReadonlySet<string>,
  ): Promise<PluginFailure | null> {
    const staying = dependencies.filter(({ name }) => !coming.has(name) && !leaving.has(name));
    const obstacle = obstacleAmong(this.context.table, staying);
    if (obstacle !== null) return obstacle;
    // it may need what the new generation of another has: it is constructed when that works
    if (staying.length < dependencies.length) return null;
    try {
      await generation.construct();
      return null;
    } catch (error) {
      return failureOf(error);
    }
  }

  async #refuse(
    candidates: Map<string, Candidate>,
    { record, generation }: Candidate,
    failure: PluginFailure,
  ): Promise<void> {
    candidates.delete(record.plugin.name);
    await generation.discard();
    this.#settle(record, failure);
  }

  async #start(candidate: Candidate, former: FormerCode | undefined): Promise<void> {
    try {
      await this.#begin(candidate);
    } catch (error) {
      await candidate.generation.discard();
      const failure = failureOf(error);
      if (former !== undefined && (await this.#bringBack(candidate.record, former, failure)))
        return;
      adopt(candidate);
      this.#settle(candidate.record, failure);
    }
  }

  /** @throws PluginFailure */
  async #begin(candidate: Candidate): Promise<void> {
    const { record, generation, refused } = candidate;
    const obstacle = obstacleAmong(this.context.table, candidate.dependencies);
    if (obstacle !== null) throw obstacle;
    await generation.start();
    adopt(candidate);
    this.context.host.services.forgetMissing(record.owner);
    record.status = { state: 'loaded', generation, ...(refused !== undefined && { refused }) };
    this.#openGate(record);
    this.context.reporter.initialized(record.plugin.name);
  }

  /** Begins the code again that ran before; false when that, too, fails. */
  async #bringBack(
    record: PluginRecord,
    former: FormerCode,
    failure: PluginFailure,
  ): Promise<boolean> {
    const generation = this.#factory.fromText(record, former);
    try {
      const candidate = await candidateOf(record, generation);
      await this.#begin({ ...candidate, refused: notRunning(failure) });
      this.#report(record, failure);
      return true;
    } catch (error) {
      await generation.discard();
      if (error instanceof PluginSkipped) return false; // what it depends on does not run any more
      this.context.host
        .createLogger(record.plugin.name)
        .error(`The code that ran before could not be brought back: ${messageOf(error)}`);
      return false;
    }
  }

  /** Notes why code does not run: what works goes on, else the plugin is without a generation. */
  #settle(record: PluginRecord, failure: PluginFailure): void {
    if (record.status.state === 'loaded') {
      record.status = { ...record.status, refused: notRunning(failure) };
    } else {
      record.status = notRunning(failure);
      this.#tellMissing(record, `failed at stage ${failure.stage}, see management.get_plugins`);
      this.#openGate(record);
    }
    this.#report(record, failure);
  }

  /** Who calls its services learns why they are not there; a plugin often has the name of its service. */
  #tellMissing({ owner, services }: PluginRecord, what: string): void {
    const reason = `its plugin ${owner.name} ${what}`;
    this.context.host.services.noteMissing(owner, [owner.name, ...services], reason);
  }

  #report({ plugin: { name }, status }: PluginRecord, failure: PluginFailure): void {
    const { reporter } = this.context;
    if (failure instanceof PluginSkipped) reporter.skipped(name, failure.message);
    else reporter.failed(name, failure, status.state === 'loaded');
  }

  async #drain({ owner }: PluginRecord): Promise<void> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), this.context.settings.drainTimeoutMs);
    await owner.whenIdle(limit.signal);
    clearTimeout(timer);
    if (owner.runningCalls === 0) return;
    this.context.host
      .createLogger(owner.name)
      .warn('Plugin is unloaded while calls still run in its old code', {
        calls: owner.runningCalls,
      });
  }
}

/** Dependencies first, and where it can be also those of the code that is brought back if need be. */
function startOrder(
  candidates: Candidates,
  former: ReadonlyMap<string, FormerCode>,
): readonly string[] {
  const nodes = Array.from(candidates, ([name, { depends, generation }]) => ({
    name,
    depends,
    isShipped: generation.plugin.isShipped === true,
  }));
  const careful = nodes.map(({ name, depends, isShipped }) => ({
    ...{ name, isShipped },
    depends: [...depends, ...(former.get(name)?.depends ?? [])],
  }));
  const { order, cycles } = planLoading(careful);
  return cycles.size === 0 ? order : planLoading(nodes).order;
}
