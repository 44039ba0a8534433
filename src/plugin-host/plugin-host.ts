import { Inject, Injectable } from '@nestjs/common';
import { coded } from '../common/index.js';
import type { Dispatcher } from '../sdk/index.js';
import { DisabledPlugins } from './disabled-plugins.js';
import { HostApplication } from './host-application.js';
import { type Discovery, discoverPlugins } from './plugin-discovery.js';
import type { Construct } from './construct.js';
import { PluginFailure } from './plugin-failure.js';
import {
  PLUGIN_HOST_OPTIONS,
  PluginHostDependencies,
  type PluginHostOptions,
  type PluginHostSettings,
  withDefaults,
} from './plugin-host.dependencies.js';
import { PluginLoader } from './plugin-loader.js';
import { obstacleOf, type PluginRecord, stageOf } from './plugin-record.js';
import { loadFailed, PluginReporter } from './plugin-reporter.js';
import { PluginTable } from './plugin-table.js';
import type { PluginRow } from '../wire/index.js';

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
@Injectable()
export class PluginHost {
  readonly #settings: PluginHostSettings;
  readonly #table = new PluginTable();
  readonly #reporter: PluginReporter;
  readonly #loader: PluginLoader;
  readonly #disabled: DisabledPlugins;
  #lastChange: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  #application: HostApplication | null = null;

  constructor(
    private readonly host: PluginHostDependencies,
    @Inject(PLUGIN_HOST_OPTIONS) options: PluginHostOptions,
  ) {
    this.#settings = withDefaults(options);
    this.#reporter = new PluginReporter(host.events, host.createLogger);
    this.#disabled = new DisabledPlugins(this.#settings.disabledPlugins);
    this.#loader = new PluginLoader({
      host,
      settings: this.#settings,
      table: this.#table,
      reporter: this.#reporter,
      disabled: this.#disabled,
    });
  }

  /** Loads every plugin that can be loaded. Never rejects because of a plugin: see {@link list}. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#disabled.load();
      const discovery = await this.#discover();
      await this.#replace(new Set(discovery.plugins.keys()), discovery);
    });
  }

  /**
   * Reads the named plugins, or all, again from disk, and with them everything that depends on them.
   * Without names it also picks up plugins that are new on the disk and unloads those that are gone.
   * A plugin whose new code fails goes on with the code that it has.
   *
   * @throws RpcException ENOENT for a name that is neither known nor on the disk, EPERM for one that is
   *   disabled, before anything is touched; EFAULT of the first plugin that failed, after all were tried
   */
  reload(names?: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const discovery = await this.#discover();
      const wanted = new Set(names ?? [...this.#table.names(), ...discovery.plugins.keys()]);
      for (const plugin of names ?? []) {
        this.#assertKnown(plugin, discovery);
        if (this.#disabled.has(plugin)) throw coded('PLUGIN_DISABLED', { plugin });
      }
      await this.#replace(wanted, discovery);
      if (names !== undefined) this.#throwIfGone(names);
      this.#throwFirstFailure(wanted, new Set(names));
    });
  }

  /**
   * Takes a plugin away until it is enabled again, also over restarts, and with it those that depend on
   * it. Returns the names of the others that run no more because of it.
   *
   * @throws RpcException ENOENT for a name that is neither known nor on the disk
   */
  disable(plugin: string): Promise<string[]> {
    return this.#inTurn(async () => {
      this.#assertKnown(plugin, await this.#discover());
      const before = this.#loadedNames();
      await this.#disabled.add(plugin);
      await this.#replace(new Set([plugin]), await this.#discover());
      const now = this.#loadedNames();
      return [...before].filter((name) => name !== plugin && !now.has(name)).sort();
    });
  }

  /**
   * Lets a plugin run that was disabled. Returns the names of the others that run again because of it.
   *
   * @throws RpcException ENOENT as {@link disable}; EFAULT when it fails: it is enabled all the same
   */
  enable(plugin: string): Promise<string[]> {
    return this.#inTurn(async () => {
      this.#assertKnown(plugin, await this.#discover());
      if (!this.#disabled.has(plugin)) return [];
      const before = this.#loadedNames();
      await this.#disabled.remove(plugin);
      await this.#replace(new Set([plugin]), await this.#discover());
      this.#throwIfGone([plugin]);
      this.#throwFirstFailure(new Set([plugin]), new Set([plugin]));
      return [...this.#loadedNames()].filter((name) => name !== plugin && !before.has(name)).sort();
    });
  }

  /** Unloads everything, dependents before what they depend on. Nothing can be loaded afterwards. */
  stop(): Promise<void> {
    this.#isStopped = true; // reloads that wait for their turn are refused instead of put before it
    return this.#inTurn(async () => {
      await this.#loader.takeOver(new Map(), this.#records(this.#table.names()));
      await this.#application?.end();
    });
  }

  /**
   * The server as the application sees it that it is part of: what a plugin may do, the application
   * may. Ends with {@link stop}, after the plugins.
   */
  dispatcherForApplication(construct: Construct): Dispatcher {
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
    return this.#withoutDisabled(discovery);
  }

  /** Nothing is read of those that are disabled; that they are there is known. */
  #withoutDisabled(discovery: Discovery): Discovery {
    for (const name of this.#disabled.names()) {
      const plugin = discovery.plugins.get(name);
      const record = plugin === undefined ? this.#table.get(name) : this.#table.meet(plugin);
      if (record !== undefined && record.status.state !== 'loaded') this.#loader.disable(record);
    }
    const plugins = new Map([...discovery.plugins].filter(([name]) => !this.#disabled.has(name)));
    return { ...discovery, plugins };
  }

  #assertKnown(plugin: string, { plugins }: Discovery): void {
    if (this.#table.get(plugin) !== undefined || plugins.has(plugin)) return;
    throw coded('PLUGIN_NOT_FOUND', { plugin });
  }

  #loadedNames(): Set<string> {
    const rows = this.#table.rows().filter(({ state }) => state === 'loaded');
    return new Set(rows.map(({ name }) => name));
  }

  async #replace(names: ReadonlySet<string>, { plugins, unread }: Discovery): Promise<void> {
    const found = [...names]
      .sort()
      .map((name) => plugins.get(name))
      .filter((plugin) => plugin !== undefined);
    const absent = this.#records([...names].filter((name) => !plugins.has(name)));
    const isDisabled = ({ plugin: { name } }: PluginRecord): boolean => this.#disabled.has(name);
    const hidden = new Map(
      absent.map((record) => [record, isDisabled(record) ? null : unread(record.plugin)]),
    );
    const gone = absent.filter((record) => hidden.get(record) === null);
    for (const [record, error] of hidden) if (error !== null) this.#loader.notFound(record, error);
    const leaving = new Set(gone.map(({ plugin: { name } }) => name));

    const prepared = await this.#loader.prepare(found, leaving);
    const replaced = new Set([...leaving, ...prepared.keys()]);
    const followers = this.#records(this.#table.withDependents(replaced)).filter(
      ({ plugin: { name } }) => !replaced.has(name),
    );
    // those that were read a moment ago and refused are not read again
    const unseen = new Map([...plugins].filter(([name]) => !names.has(name)));
    const following = await this.#loader.follow(followers, unseen, prepared);
    await this.#loader.takeOver(new Map([...prepared, ...following]), gone);
  }

  #throwIfGone(names: readonly string[]): void {
    const gone = this.#records(names).find(({ status }) => status.state === 'unloaded');
    if (gone !== undefined) throw coded('PLUGIN_NOT_FOUND', { plugin: gone.plugin.name });
  }

  /** @param named - asked for by their names */
  #throwFirstFailure(wanted: ReadonlySet<string>, named: ReadonlySet<string>): void {
    const affected = new Set([...wanted, ...this.#table.withDependents(wanted)]);
    // that these wait for one that somebody has disabled is as it should be
    const waiting = this.#table.withDependents(this.#disabled.names());
    const obstacles = this.#records(affected).flatMap((record) => {
      const obstacle = obstacleOf(record);
      const { name } = record.plugin;
      const isExcused = obstacle?.state === 'skipped' && waiting.has(name) && !named.has(name);
      return obstacle === null || isExcused ? [] : [{ name, obstacle }];
    });
    // A plugin's own failure tells more than that of a plugin which waits for it
    const first = obstacles.find(({ obstacle }) => obstacle.state === 'failed') ?? obstacles[0];
    if (first === undefined) return;
    throw loadFailed(first.name, stageOf(first.obstacle), first.obstacle.error);
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
