import { randomBytes } from 'node:crypto';
import { Errno, messageOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import {
  type CommitEngine,
  countsOf,
  DEFAULT_METADATA,
  type EtcdEvents,
  type Generation,
  type GenerationReason,
  type GenerationReport,
  type Generations,
  type ManagedFile,
  type RenderedFile,
  type Selection,
} from '../model/index.js';
import { type Catalog, EMPTY_CATALOG, inOrder, type LoadedTarget } from '../plugins/index.js';
import type { DataSourcePort, FileRendering, RenderedTarget } from '../rendering/index.js';
import { Batches, type BatchRequest } from './batches.js';
import { Dependencies } from './dependencies.js';
import { ReportLog } from '../state/index.js';
import { orphansToRemove } from './orphans.js';
import { Progress } from './progress.js';
import { atomicSets, namesOfCheckpoint, selectNames } from './selecting.js';

export interface GeneratorPorts {
  readonly rendering: FileRendering;
  readonly engine: CommitEngine;
  readonly data: DataSourcePort;
  readonly events: EtcdEvents;
  readonly logger: Logger;
  /** Resolves while there is a dispatcher: generations wait for it. */
  readonly ready: () => Promise<void>;
}

export interface GenerateOptions {
  readonly confirmSeconds?: number;
}

export interface PlanOptions {
  /** What is turned off is planned as if it were on. */
  readonly asEnabled?: boolean;
}

/** How often a generation is begun anew, because the dispatcher went while it was rendered. */
const MAX_ATTEMPTS = 5;

/** From what is asked for to a report: which files, in which order, of what data, and what became of them. */
export class Generator implements Generations {
  readonly dependencies = new Dependencies();
  readonly reports = new ReportLog((error) =>
    this.ports.logger.error(`Reports cannot be kept over a restart: ${messageOf(error)}`),
  );
  readonly #batches = new Batches((request) => this.#generate(request));
  #catalog: Catalog = EMPTY_CATALOG;
  /** Told after each generation: masks of events may be others now. */
  onGenerated: () => void = () => undefined;

  constructor(private readonly ports: GeneratorPorts) {}

  get catalog(): Catalog {
    return this.#catalog;
  }

  /** What is generated from now on. */
  async adopt(catalog: Catalog): Promise<void> {
    this.#catalog = catalog;
    this.dependencies.forget((name) => catalog.targets.has(name));
    for (const { name, source, code, message } of catalog.errors) {
      this.ports.events.emit('etcd.plugin_error', { name, source, code, message });
    }
    await this.#manage();
  }

  async generate(
    selection: Selection,
    reason: GenerationReason,
    { confirmSeconds }: GenerateOptions = {},
  ): Promise<GenerationReport> {
    const names = selectNames(selection, this.#catalog);
    return this.#batches.request({ names, reason, confirmSeconds });
  }

  /** Names of what is selected, in order. @throws RpcException ENOENT */
  select(selection: Selection): readonly string[] {
    return selectNames(selection, this.#catalog);
  }

  async generateCheckpoint(
    checkpoint: string,
    reason: GenerationReason,
  ): Promise<GenerationReport> {
    return this.generate({ names: namesOfCheckpoint(checkpoint, this.#catalog) }, reason);
  }

  /** What {@link generate} would do. @throws RpcException ENOENT */
  async plan(
    selection: Selection,
    { asEnabled = false }: PlanOptions = {},
  ): Promise<GenerationReport> {
    const names = selectNames(selection, this.#catalog);
    const { generation } = await this.#render({ names, reason: 'call', asEnabled });
    return this.ports.engine.plan(generation);
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#batches.settled();
  }

  /**
   * Removes files that no plugin makes any more and that were declared to go then. What a directory holds that
   * cannot be read is not known: as long as there is one, all stay.
   */
  async removeOrphans(reason: GenerationReason): Promise<void> {
    const orphans = orphansToRemove(this.#catalog, this.ports.engine.states().values());
    if (orphans.length === 0) return;
    if (!this.#catalog.isComplete) {
      const { logger } = this.ports;
      logger.warn('Orphaned files stay until all plugin directories can be read', {
        files: orphans.map(({ name }) => name),
      });
      return;
    }
    await this.#apply({
      id: newId(),
      reason,
      startedAt: new Date(),
      files: orphans,
      atomicSets: [],
    });
    await this.#manage();
  }

  async #generate(request: BatchRequest): Promise<GenerationReport> {
    const { generation, rendered } = await this.#render(this.#ordered(request));
    const report = await this.#apply(generation);
    for (const { target, dependencies } of rendered) {
      this.dependencies.record(target.name, dependencies);
    }
    if (rendered.some(({ isWholeSet }) => isWholeSet)) await this.#manage();
    this.onGenerated();
    return report;
  }

  async #apply(generation: Generation): Promise<GenerationReport> {
    const { events, engine, logger } = this.ports;
    const { id, reason } = generation;
    const counts = { files: generation.files.length };
    events.emit('etcd.generation_started', { id, reason, counts });
    const report = await engine.apply(generation);
    this.reports.add(report);
    events.emit('etcd.generation_finished', { id, reason, counts: countsOf(report) });
    logger.info('Files were generated', { generation: id, reason, ...countsOf(report) });
    return report;
  }

  /** Begins anew with a new snapshot when the dispatcher goes meanwhile: nothing fails because of that. */
  async #render(request: RenderRequest): Promise<Attempt> {
    for (let attempt = 1; ; attempt += 1) {
      await this.ports.ready();
      const progress = new Progress(this.ports.events, request.reason, request.names.length);
      const rendered = await this.#renderOnce(request, progress);
      const isLost = rendered.some(({ files }) => files.some(hasLostDispatcher));
      if (!isLost || attempt === MAX_ATTEMPTS) {
        const onCommit = (name: string): void => progress.committing(name);
        const generation = { ...this.#generationOf(request, rendered), onCommit };
        return { rendered, generation };
      }
    }
  }

  /** Those who joined a request have put their names behind the others. */
  #ordered(request: BatchRequest): BatchRequest {
    return { ...request, names: inOrder(request.names, this.#catalog.targets) };
  }

  async #renderOnce(
    { names, asEnabled = false }: RenderRequest,
    progress: Progress,
  ): Promise<readonly RenderedTarget[]> {
    const { data, rendering } = this.ports;
    const snapshot = rendering.snapshotOf(data);
    const rendered: RenderedTarget[] = [];
    for (const name of names) {
      const target = this.#catalog.targets.get(name);
      progress.rendering(name);
      if (target === undefined) continue;
      const planned = asEnabled ? enabled(target) : target;
      rendered.push(await rendering.render(planned, snapshot));
    }
    return rendered;
  }

  #generationOf(
    { names, reason, confirmSeconds }: BatchRequest,
    rendered: readonly RenderedTarget[],
  ): Generation {
    const byName = new Map(rendered.map((one) => [one.target.name, one]));
    const files = names.flatMap((name) => {
      const one = byName.get(name);
      return one === undefined ? [this.#unloaded(name)] : [...one.files, ...this.#pruned(one)];
    });
    return {
      id: newId(),
      reason,
      startedAt: new Date(),
      files,
      atomicSets: atomicSets(names, this.#catalog),
      ...(confirmSeconds !== undefined && { confirmSeconds }),
    };
  }

  /** Files that a set had and has no more. */
  #pruned({ target, files, isWholeSet }: RenderedTarget): RenderedFile[] {
    if (!isWholeSet) return [];
    const present = new Set(files.map(({ name }) => name));
    const { metadata, directory } = target;
    return [...this.ports.engine.states().values()]
      .filter(({ set, name, size }) => set === target.name && !present.has(name) && size !== null)
      .map(({ name, path, isSensitive }) => ({
        name,
        path,
        metadata,
        directory,
        isSensitive,
        set: target.name,
        rendering: { kind: 'absent' },
      }));
  }

  /** A file that belongs to a group and cannot be loaded: the group must not look whole without it. */
  #unloaded(name: string): RenderedFile {
    const error = this.#catalog.errors.find((one) => one.name === name);
    const message = error?.message ?? 'No plugin directory makes this file';
    const code = error?.code ?? Errno.ENOENT;
    return {
      name,
      path: '',
      metadata: DEFAULT_METADATA,
      rendering: { kind: 'failed', error: { stage: 'load', message, code } },
      isSensitive: false,
      set: null,
      directory: '',
    };
  }

  async #manage(): Promise<void> {
    const { engine, logger } = this.ports;
    const { targets } = this.#catalog;
    const single = [...targets.values()].filter(({ kind }) => kind === 'file');
    const files: ManagedFile[] = single.map(({ name, path, metadata, directory }) => ({
      name,
      path,
      metadata,
      directory,
      set: null,
    }));
    for (const { name, path, set, size } of engine.states().values()) {
      const target = set === null ? undefined : targets.get(set);
      if (target === undefined || size === null) continue;
      const { metadata, directory } = target;
      files.push({ name, path, metadata, directory, set });
    }
    await engine
      .manage(files)
      .catch((error: unknown) => logger.error(`Drift is not watched: ${messageOf(error)}`));
  }
}

type RenderRequest = BatchRequest & PlanOptions;

const enabled = (target: LoadedTarget): LoadedTarget => ({
  ...target,
  metadata: { ...target.metadata, enabled: true },
});

interface Attempt {
  readonly rendered: readonly RenderedTarget[];
  readonly generation: Generation;
}

function hasLostDispatcher({ rendering }: RenderedFile): boolean {
  return rendering.kind === 'failed' && rendering.error.code === Errno.ECONNABORTED;
}

/** Sorts by time, and is unique also after a restart in the same millisecond. */
function newId(): string {
  return `${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
}
