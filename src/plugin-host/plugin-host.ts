import { coded } from '../common/index.js';
import type { Dispatcher } from '../sdk/index.js';
import { HostApplication } from './host-application.js';
import { type Discovery, discoverPlugins } from './plugin-discovery.js';
import type { Construct } from './construct.js';
import { PluginFailure } from './plugin-failure.js';
import {
  type PluginHostDependencies,
  type PluginHostOptions,
  type PluginHostSettings,
  withDefaults,
} from './plugin-host.dependencies.js';
import { PluginLoader } from './plugin-loader.js';
import type { PluginRecord, PluginRow } from './plugin-record.js';
import { loadFailed, PluginReporter } from './plugin-reporter.js';
import { PluginTable } from './plugin-table.js';

/**
 * Finds the plugins, loads them in the order of their dependencies, takes them away and reads them
 * again while the server runs. What a plugin does wrong is the plugin's state, never the host's.
 *
 * Only one change goes on at a time: a second one waits for the first.
 *
 * @example
 * const host = new PluginHost(dependencies, { directories: [{ path: '/opt/plugins', isShipped: false }] });
 * await host.start();
 * await host.reload(['user']);
 */
export class PluginHost {
  readonly #settings: PluginHostSettings;
  readonly #table = new PluginTable();
  readonly #reporter: PluginReporter;
  readonly #loader: PluginLoader;
  #lastChange: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  #application: HostApplication | null = null;

  constructor(
    private readonly host: PluginHostDependencies,
    options: PluginHostOptions,
  ) {
    this.#settings = withDefaults(options);
    this.#reporter = new PluginReporter(host.events, host.createLogger);
    this.#loader = new PluginLoader({
      host,
      settings: this.#settings,
      table: this.#table,
      reporter: this.#reporter,
    });
  }

  /** Loads every plugin that can be loaded. Never rejects because of a plugin: see {@link list}. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      const discovery = await this.#discover();
      await this.#replace(new Set(discovery.plugins.keys()), discovery);
    });
  }

  /**
   * Reads the named plugins, or all, again from disk, with everything that depends on them. Without
   * names it also picks up plugins that are new on the disk and unloads those that are gone.
   *
   * @throws RpcException ENOENT for a name that is neither known nor on the disk, before anything
   *   is touched; EFAULT of the first plugin that failed, after all were tried
   */
  reload(names?: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const discovery = await this.#discover();
      const wanted = new Set(names ?? [...this.#table.names(), ...discovery.plugins.keys()]);
      for (const plugin of wanted) {
        if (this.#table.get(plugin) === undefined && !discovery.plugins.has(plugin)) {
          throw coded('PLUGIN_NOT_FOUND', { plugin });
        }
      }
      const affected = this.#table.withDependents(wanted);
      await this.#replace(affected, discovery);
      if (names !== undefined) this.#throwIfGone(names);
      this.#throwFirstFailure(names === undefined ? affected : wanted, affected);
    });
  }

  /** Unloads everything, dependents before what they depend on. Nothing can be loaded afterwards. */
  stop(): Promise<void> {
    this.#isStopped = true; // reloads that wait for their turn are refused instead of put before it
    return this.#inTurn(async () => {
      await this.#unload(new Set(this.#table.names()));
      await this.#application?.end();
    });
  }

  /**
   * The server as the application sees it that it is part of: what a plugin may do, the application
   * may. Ends with {@link stop}, after the plugins.
   */
  lendToApplication(construct: Construct): Dispatcher {
    this.#application ??= new HostApplication(this.host, construct);
    return this.#application.dispatcher;
  }

  /** All plugins by name, with what became of them: the rows of `management.get_plugins`. */
  list(): PluginRow[] {
    return this.#table.rows();
  }

  async #discover(): Promise<Discovery> {
    if (this.#isStopped) throw new Error('The plugin host is stopped');
    const discovery = await discoverPlugins(
      this.#settings.directories,
      this.host.createLogger('plugin-host'),
    );
    for (const { name, error } of this.#table.noteDuplicates(discovery.duplicates)) {
      this.#reporter.failed(name, new PluginFailure('discovery', error));
    }
    return discovery;
  }

  async #replace(names: ReadonlySet<string>, { plugins }: Discovery): Promise<void> {
    const gone = [...names].filter((name) => !plugins.has(name));
    const present = [...plugins.values()].filter(({ name }) => names.has(name));
    for (const record of this.#table.inUnloadOrder(names)) await this.#loader.unload(record);
    for (const record of this.#records(gone)) {
      record.status = { state: 'unloaded' };
      this.#loader.openGate(record);
    }
    const records = present.map((plugin) => this.#table.meet(plugin));
    await this.#loader.load(records.sort((a, b) => (a.plugin.name < b.plugin.name ? -1 : 1)));
  }

  async #unload(names: ReadonlySet<string>): Promise<void> {
    for (const record of this.#table.inUnloadOrder(names)) {
      await this.#loader.unload(record);
      this.#loader.openGate(record);
    }
  }

  #throwIfGone(names: readonly string[]): void {
    const gone = this.#records(names).find(({ status }) => status.state === 'unloaded');
    if (gone !== undefined) throw coded('PLUGIN_NOT_FOUND', { plugin: gone.plugin.name });
  }

  #throwFirstFailure(wanted: ReadonlySet<string>, affected: ReadonlySet<string>): void {
    // A named plugin's own failure tells more than that of a plugin which waits for it
    for (const { plugin, status } of this.#records([...wanted, ...affected])) {
      if (status.state === 'failed') throw loadFailed(plugin.name, status.stage, status.error);
    }
    for (const { plugin, status } of this.#records(affected)) {
      if (status.state === 'skipped') throw loadFailed(plugin.name, 'dependencies', status.error);
    }
  }

  #records(names: Iterable<string>): PluginRecord[] {
    return [...names].map((name) => this.#table.get(name)).filter((record) => record !== undefined);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#lastChange.then(change);
    this.#lastChange = turn.catch(() => undefined); // the caller of that change was told
    return turn;
  }
}
