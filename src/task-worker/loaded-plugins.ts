import {
  createPluginContext,
  optionsProviders,
  PluginCode,
  readPluginClass,
  withOptions,
} from '../plugin-host/runtime.js';
import { ConfigStore, Datastore, Dispatcher, Logger, type Task } from '../sdk/index.js';
import type { LoadMessage, RunMessage } from '../tasks/executor-protocol.js';
import { type LoadedPlugin, taskFactory } from './task-factory.js';

/** What the classes of plugins are given of the server. */
export interface ServerInjectables {
  readonly dispatcher: Dispatcher;
  readonly datastore: Datastore;
  readonly configstore: ConfigStore;
  readonly logger: Logger;
}

interface ShelvedPlugin {
  readonly loaded: LoadedPlugin;
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
    const context = await createPluginContext({
      type: declared.module,
      bridged: [
        ...optionsProviders(declared.plugin, options),
        { provide: Dispatcher, useValue: dispatcher },
        { provide: Datastore, useValue: datastore },
        { provide: ConfigStore, useValue: configstore },
        { provide: Logger, useValue: logger },
      ],
    });
    this.#plugins.set(plugin, { loaded: { code, declared, context }, factories: new Map() });
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
