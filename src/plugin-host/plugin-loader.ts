import { PluginCode } from './code/plugin-code.js';
import { planLoading } from './dependency-order.js';
import { PluginFailure } from './plugin-failure.js';
import { PluginGeneration } from './plugin-generation.js';
import type { PluginHostDependencies, PluginHostSettings } from './plugin-host.dependencies.js';
import type { PluginRecord } from './plugin-record.js';
import type { PluginReporter } from './plugin-reporter.js';
import { PluginScope } from './plugin-scope.js';
import type { PluginTable } from './plugin-table.js';
import { copyValue } from './value-copy.js';

interface Candidate {
  readonly record: PluginRecord;
  readonly generation: PluginGeneration;
}

/** What the loader works with: the table it reads and writes, and where it reports. */
export interface PluginLoaderContext {
  readonly host: PluginHostDependencies;
  readonly settings: PluginHostSettings;
  readonly table: PluginTable;
  readonly reporter: PluginReporter;
}

/** Loads and unloads plugins and keeps the gate of their services meanwhile. Never rejects. */
export class PluginLoader {
  #generations = 0;

  constructor(private readonly context: PluginLoaderContext) {}

  /**
   * Loads each of `records` that can be, dependencies first. One that cannot is given its reason
   * and does not keep the others from loading.
   */
  async load(records: readonly PluginRecord[]): Promise<void> {
    for (const { owner } of records) owner.hold();
    const candidates = await this.#readCode(records);
    const { order, cycles } = planLoading(
      [...candidates.values()].map(({ record: { plugin, depends } }) => ({
        name: plugin.name,
        depends,
      })),
    );
    for (const [name, cycle] of cycles) {
      const failure = new PluginFailure('dependencies', `depends on itself: ${cycle}`);
      await this.#giveUp(candidates.get(name), failure);
    }
    for (const name of order) await this.#start(candidates.get(name));
  }

  /** Closes the gate, waits for the calls inside, and takes the plugin away. The gate stays closed. */
  async unload(record: PluginRecord): Promise<void> {
    const { owner, status } = record;
    if (status.state !== 'loaded') return;
    this.context.host.services.reserve(owner);
    this.context.host.tasks.reserve(owner);
    this.context.host.resources.beginReload(owner.name);
    owner.hold();
    await this.#drain(record);
    await status.generation.unload();
    record.status = { state: 'unloaded' };
    this.context.reporter.unloaded(owner.name);
  }

  /** Lets waiting calls go on: to the new generation, or to learn that there is none. */
  openGate({ owner }: PluginRecord): void {
    this.context.host.services.unreserve(owner);
    this.context.host.tasks.unreserve(owner);
    this.context.host.resources.endReload(owner.name);
    owner.release();
  }

  async #readCode(records: readonly PluginRecord[]): Promise<Map<string, Candidate>> {
    const candidates = new Map<string, Candidate>();
    for (const record of records) {
      const candidate = { record, generation: this.#newGeneration(record) };
      try {
        const { depends, metadata } = await candidate.generation.load();
        record.depends = [...depends];
        record.metadata = copyValue(metadata) as Record<string, unknown>;
        candidates.set(record.plugin.name, candidate);
        this.context.reporter.loaded(record.plugin.name);
      } catch (error) {
        await this.#giveUp(candidate, error);
      }
    }
    return candidates;
  }

  #newGeneration({ plugin, owner }: PluginRecord): PluginGeneration {
    const { host, settings } = this.context;
    const code = new PluginCode(plugin.entry);
    this.#generations += 1;
    const scope = new PluginScope(host, owner, host.createLogger(plugin.name), {
      plugin: plugin.name,
      entry: plugin.entry,
      generation: this.#generations,
      sources: () => code.sources(),
    });
    return new PluginGeneration(plugin, scope, settings, code);
  }

  async #start(candidate: Candidate | undefined): Promise<void> {
    if (candidate === undefined) return;
    const { record, generation } = candidate;
    const { name } = record.plugin;
    try {
      const obstacle = this.#obstacle(record);
      if (obstacle !== null) {
        await this.#skip(candidate, obstacle);
        return;
      }
      await generation.start();
      record.status = { state: 'loaded', generation };
      this.openGate(record);
      this.context.reporter.initialized(name);
    } catch (error) {
      await this.#giveUp(candidate, error);
    }
  }

  /**
   * The first dependency that does not run, as a sentence.
   *
   * @throws PluginFailure when a dependency is not there at all
   */
  #obstacle({ depends }: PluginRecord): string | null {
    const { table } = this.context;
    const missing = depends.find((name) => {
      const dependency = table.get(name);
      return dependency === undefined || dependency.status.state === 'unloaded';
    });
    if (missing !== undefined) {
      throw new PluginFailure('dependencies', `depends on ${missing}, which is not installed`);
    }
    for (const name of depends) {
      const status = table.get(name)?.status;
      if (status?.state === 'failed') {
        return `depends on ${name}, which failed at stage ${status.stage}`;
      }
      if (status?.state === 'skipped') return `depends on ${name}, which was skipped`;
    }
    return null;
  }

  async #skip({ record, generation }: Candidate, error: string): Promise<void> {
    await generation.discard();
    record.status = { state: 'skipped', error };
    this.openGate(record);
    this.context.reporter.skipped(record.plugin.name, error);
  }

  async #giveUp(candidate: Candidate | undefined, error: unknown): Promise<void> {
    if (candidate === undefined) return;
    const { record, generation } = candidate;
    const failure =
      error instanceof PluginFailure ? error : new PluginFailure('load', String(error));
    await generation.discard();
    record.status = { state: 'failed', stage: failure.stage, error: failure.message };
    this.openGate(record);
    this.context.reporter.failed(record.plugin.name, failure);
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
