import {
  createPluginContext,
  optionsProviders,
  PluginCode,
  readPluginClass,
  withOptions,
} from '../plugin-host/runtime.js';
import {
  ConfigStore,
  Datastore,
  Dispatcher,
  Logger,
  settingsMetadata,
  type SettingsType,
  type Task,
} from '../sdk/index.js';
import { LiveSettings, settingsObject } from '../settings/runtime.js';
import type { LoadMessage, RunMessage } from '../tasks/executor-protocol.js';
import { type LoadedPlugin, taskFactory } from './task-factory.js';

/** What the classes of plugins are given of the server. */
export interface ServerInjectables {
  readonly dispatcher: Dispatcher;
  readonly datastore: Datastore;
  readonly configstore: ConfigStore;
  readonly logger: Logger;
  /** The present values of the settings of the plugin whose task asks, by prefix. */
  readonly settings: () => Promise<Readonly<Record<string, Values>>>;
}

type Values = Readonly<Record<string, unknown>>;

interface ShelvedPlugin {
  readonly loaded: LoadedPlugin;
  /** What its classes have injected of settings. */
  readonly settings: ReadonlyMap<SettingsType, LiveSettings>;
  /** By the names of tasks. */
  readonly factories: Map<string, ReturnType<typeof taskFactory>>;
}

/**
 * The plugins whose tasks this process has run: their code as the server had it, and their
 * injectable classes. Neither `init` nor `cleanup` of a plugin is called here, and no event source
 * runs: those are the server's.
 */
export class LoadedPlugins {
  readonly #plugins = new Map<string, ShelvedPlugin>();

  constructor(private readonly injected: ServerInjectables) {}

  /** @throws (rejects with) whatever the plugin's code or its constructors throw */
  async load({ plugin, entry, options, sources }: LoadMessage): Promise<void> {
    if (this.#plugins.has(plugin)) throw new Error(`Plugin ${plugin} is in this process already`);
    const code = new PluginCode(entry, new Map(sources));
    await code.prepare();
    const declared = await withOptions(readPluginClass(code.load()), options);
    const { dispatcher, datastore, configstore, logger } = this.injected;
    const settings = await this.#settingsOf(declared.plugin.settings);
    const context = await createPluginContext({
      type: declared.module,
      bridged: [
        ...optionsProviders(declared.plugin, options),
        { provide: Dispatcher, useValue: dispatcher },
        { provide: Datastore, useValue: datastore },
        { provide: ConfigStore, useValue: configstore },
        { provide: Logger, useValue: logger },
        ...Array.from(settings, ([type, live]) => ({
          provide: settingsMetadata(type).token,
          useValue: live,
        })),
      ],
    });
    const loaded = { code, declared, context };
    this.#plugins.set(plugin, { loaded, settings, factories: new Map() });
  }

  /** Asks for the values anew; says which keys they are of, null when the plugin has none. */
  async refreshSettings(plugin: string): Promise<((key: string) => boolean) | null> {
    const settings = this.#plugins.get(plugin)?.settings;
    if (settings === undefined || settings.size === 0) return null;
    const values = await this.injected.settings();
    for (const [type, live] of settings) live.update(valueOf(type, values));
    const prefixes = Array.from(settings.keys(), (type) => `${settingsMetadata(type).prefix}.`);
    return (key) => prefixes.some((prefix) => key.startsWith(prefix));
  }

  async #settingsOf(types: readonly SettingsType[]): Promise<Map<SettingsType, LiveSettings>> {
    if (types.length === 0) return new Map();
    const values = await this.injected.settings();
    return new Map(types.map((type) => [type, new LiveSettings(valueOf(type, values))]));
  }

  /** A new instance, with its plugin's dependency injection. */
  async create({ plugin, name, className }: RunMessage): Promise<Task> {
    const shelved = this.#plugins.get(plugin);
    if (shelved === undefined) throw new Error(`Plugin ${plugin} was not loaded`);
    const { loaded, factories } = shelved;
    const factory = factories.get(name) ?? taskFactory(loaded, { name, className });
    factories.set(name, factory);
    return factory();
  }
}

function valueOf(type: SettingsType, values: Readonly<Record<string, Values>>): object {
  return settingsObject(type, values[settingsMetadata(type).prefix] ?? {});
}
