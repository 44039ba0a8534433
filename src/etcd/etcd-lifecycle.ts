import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { deferred, Errno, isDispatcherError, messageOf } from '../common/index.js';
import { ETCD_HOST, type EtcdHost } from './etcd-host.js';
import { Follower, Generator, PluginLoader } from './generation/index.js';
import { DispatcherConnection } from './link/index.js';
import { CommitEngine, type GenerationReason } from './model/index.js';
import { RenderWorker } from './rendering/index.js';
import { Restorer } from './restorer.js';
import {
  fileRows,
  fileService,
  generationService,
  groupService,
  managementService,
} from './services/index.js';

/** The files that the start generates. */
const INITIAL = 'initial';
/** How long the connection of a process that was killed may take to go. */
const CLAIM_MS = 5_000;
const CLAIM_AGAIN_MS = 250;
/** How long calls wait for the first generation. */
const FIRST_GENERATION_MS = 30_000;
/** How long the end waits for what is under way. */
const LAST_GENERATION_MS = 25_000;

/**
 * The order of start and end.
 *
 *     open ── plugins ── connect ── claim ── follow ── offer ── first generation ── resume ── ready
 */
@Injectable()
export class EtcdLifecycle {
  readonly #stop = new AbortController();
  readonly #follower: Follower;
  #rescan: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ETCD_HOST) private readonly host: EtcdHost,
    private readonly connection: DispatcherConnection,
    private readonly generator: Generator,
    private readonly engine: CommitEngine,
    private readonly loader: PluginLoader,
    private readonly worker: RenderWorker,
    restorer: Restorer,
  ) {
    const { settings, logger } = host;
    restorer.restore = (names) => generator.generate({ names }, 'drift');
    this.#follower = new Follower({
      generator,
      connection,
      logger,
      debounce: settings.debounce,
      onGroupsChanged: () => void this.rescan(),
    });
  }

  /** What the ready line says. */
  get summary(): string {
    const { targets, groups } = this.generator.catalog;
    return `root ${this.host.settings.root}, ${targets.size} files, ${groups.size} groups`;
  }

  /**
   * Resolves when calls are answered and the first generation has ended, or takes too long. Waits for the
   * dispatcher as long as that takes.
   *
   * @throws RpcException EACCES when the dispatcher refuses the login; Error when the state cannot be read, or
   *   another etcd serves this dispatcher
   */
  async start(): Promise<void> {
    const { connection, generator, engine, loader } = this;
    await engine.open();
    await generator.reports.open(this.host.settings.stateDirectory);
    await generator.adopt(await loader.load());
    await connection.connect(this.#stop.signal);
    await this.#claim();
    await this.rescan('boot'); // now with the groups that are kept over there
    await this.#follower.start();
    const opened = deferred<undefined>();
    const offered = this.#offer(opened.promise);
    const timer = setTimeout(() => opened.resolve(undefined), FIRST_GENERATION_MS);
    await Promise.race([this.#generateFirst(), opened.promise]);
    clearTimeout(timer);
    opened.resolve(undefined);
    await offered;
  }

  /** Reads plugin directories and their code again; one after the other. Never rejects. */
  rescan(reason: GenerationReason = 'call'): Promise<void> {
    this.#rescan = this.#rescan.then(async () => {
      try {
        await this.generator.adopt(await this.loader.load());
        await this.generator.removeOrphans(reason);
      } catch (error) {
        this.host.logger.error(`Plugins cannot be read again: ${messageOf(error)}`);
      }
    });
    return this.#rescan;
  }

  /** Ends a wait for the dispatcher; {@link start} rejects then. */
  interrupt(): void {
    this.#stop.abort(new Error('etcd ends'));
  }

  /** Ends what is under way, or has it taken back; resolves when nothing is left running. */
  async stop(): Promise<void> {
    this.interrupt();
    this.#follower.close();
    const { promise, resolve } = deferred<undefined>();
    const timer = setTimeout(() => resolve(undefined), LAST_GENERATION_MS);
    await Promise.race([this.generator.settled(), promise]);
    clearTimeout(timer);
    this.connection.close();
    this.worker.close();
    await this.engine.close();
    await this.generator.reports.close();
  }

  async #generateFirst(): Promise<void> {
    try {
      await this.generator.generateCheckpoint(INITIAL, 'boot');
    } catch (error) {
      this.host.logger.error(`The first generation failed: ${messageOf(error)}`);
    }
  }

  /** Two that write the same files would undo each other's work: whoever has the name of the service is the one. */
  async #claim(): Promise<void> {
    const { connection, host } = this;
    const service = managementService({
      generator: this.generator,
      engine: this.engine,
      logger: host.logger,
      rescan: () => this.rescan(),
      status: () => this.#status(),
      pause: () => this.#follower.pause(),
      resume: () => this.#follower.resume(),
      die: () => host.requestShutdown(),
    });
    for (const endMs = performance.now() + CLAIM_MS; ;) {
      try {
        await connection.offer('etcd.management', service, Promise.resolve());
        return;
      } catch (error) {
        if (!isDispatcherError(error) || error.code !== Errno.EEXIST) throw error;
        if (performance.now() >= endMs) {
          throw new Error('Another dispatcher-etcd serves this dispatcher', { cause: error });
        }
      }
      await sleep(CLAIM_AGAIN_MS, undefined, { signal: this.#stop.signal });
    }
  }

  async #offer(resumeAfter: Promise<unknown>): Promise<void> {
    const { generator, engine, connection, host } = this;
    const ports = { generator, engine, logger: host.logger };
    const services = {
      'etcd.generation': generationService(ports),
      'etcd.file': fileService(ports),
      'etcd.group': groupService(ports),
    };
    await Promise.all(
      Object.entries(services).map(([name, service]) =>
        connection.offer(name, service, resumeAfter),
      ),
    );
  }

  #status(): object {
    const { generator, engine, host } = this;
    const states: Record<string, number> = {};
    for (const row of fileRows(generator, engine.states())) {
      const state = String(row['state']);
      states[state] = (states[state] ?? 0) + 1;
    }
    const { errors, targets, groups } = generator.catalog;
    return {
      root: host.settings.root,
      paused: this.#follower.isPaused,
      files: targets.size,
      groups: groups.size,
      states,
      plugin_errors: errors,
    };
  }
}
