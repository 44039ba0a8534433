import { compileMask, type MaskMatcher } from '../../../common/portable.js';
import type { DispatcherEvent } from '../../../client/index.js';
import { printable } from '../../output/index.js';
import type { Completer, QueryClient } from '../../sdk/index.js';
import type { Callable, Namespace } from '../namespaces/index.js';
import { graft } from './graft.js';
import { inside } from './inside.js';
import type { LoadedPlugin, PluginCommand, PluginRecord, PluginStage } from './loaded-plugin.js';
import type { PluginSetOptions } from './plugin-set-options.js';

/** Words of the shipped plugins, and of the shell where it tells of all there is. */
const MEANT = /\b(?:top|backup|help|ls|plugins)\b|\?/;

const SHIPPED = 'shipped';

interface NoticeText {
  readonly plugin: string;
  readonly isMeant: MaskMatcher;
  readonly text: (event: DispatcherEvent) => string | null;
}

/** What is asked for the values of an argument. */
interface ArgumentCompletion {
  readonly plugin: string;
  readonly completer: Completer;
  readonly client: QueryClient;
}

/**
 * The plugins of one shell. Those of the configuration's folders are loaded at the start; without such a
 * folder nothing is loaded before a line speaks of it.
 */
export class PluginSet {
  #loading: Promise<void> | null = null;
  #isLoaded = false;
  #plugins: readonly LoadedPlugin[] = [];
  /** In the order in which they were found. */
  #records = new Map<string, PluginRecord>();
  #notices: readonly NoticeText[] = [];
  #close: () => Promise<void> = () => Promise.resolve();
  readonly stages = new Map<string, PluginStage>();
  readonly formatters = new Map<
    string,
    { plugin: LoadedPlugin; format: (value: unknown) => string }
  >();

  constructor(private readonly options: PluginSetOptions) {}

  /** Whether the start has to wait for them. */
  get isAtStart(): boolean {
    return this.options.session.cli.pluginDirs.length > 0;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get records(): readonly PluginRecord[] {
    return [...this.#records.values()];
  }

  /** Whether a text may speak of something that is not loaded yet. */
  isMeantIn = (text: string): boolean => !this.#isLoaded && MEANT.test(text);

  /** Loads all that there is, once. Never rejects: each that cannot be loaded is a line of warning. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** The tree with what plugins bring in it; whoever cannot be in it is left out, with a warning. */
  graft(root: Namespace): Namespace {
    const { root: tree, clashes } = graft(root, this.#plugins);
    const out = new Set(clashes.map(({ plugin }) => plugin.name));
    for (const { plugin, reason } of clashes) this.#fail(plugin, reason);
    if (out.size > 0) this.#take(this.#plugins.filter(({ name }) => !out.has(name)));
    return tree;
  }

  /** The line that a plugin shows of an event; null where none has one. */
  noticeOf(event: DispatcherEvent): string | null {
    for (const { plugin, isMeant, text } of this.#notices) {
      if (!isMeant(event.name)) continue;
      try {
        const line: unknown = inside(plugin, () => text(event));
        if (typeof line === 'string') return printable(line);
      } catch {
        // the shell has a text of its own
      }
    }
    return null;
  }

  /** What a plugin has to say about the values of an argument; null where none has. */
  completion(callable: Callable, argument: string): ArgumentCompletion | null {
    const { queries: client } = this.options;
    if (callable.kind === 'plugin') {
      const completer = (callable.handler as PluginCommand).completers.get(argument);
      return completer === undefined ? null : { plugin: callable.plugin, completer, client };
    }
    const name = callable.kind === 'task' ? callable.task : callable.method;
    for (const { name: plugin, parts } of this.#plugins) {
      const completer = own(own(parts.completers, name), argument);
      if (typeof completer === 'function') return { plugin, completer, client };
    }
    return null;
  }

  /** Tells them that the shell ends, and waits for them a moment. */
  async close(): Promise<void> {
    await this.#loading;
    await this.#close();
  }

  async #load(): Promise<void> {
    const { loadAll } = await import('./load-all.js');
    const { loaded, records, warnings, close } = await loadAll(this.options);
    for (const record of records) this.#note(record);
    for (const line of warnings) this.#warn(line);
    for (const { name, state, about } of records) {
      if (state === 'failed' || state === 'broken') this.#warn(`plugin ${name}: ${about}`);
    }
    this.#close = close;
    this.#isLoaded = true;
    this.#take(loaded);
  }

  #take(plugins: readonly LoadedPlugin[]): void {
    this.#plugins = plugins;
    this.stages.clear();
    this.formatters.clear();
    for (const plugin of plugins) {
      for (const stage of plugin.stages) this.stages.set(stage.name, stage);
      for (const [name, format] of Object.entries(plugin.parts.formatters ?? {})) {
        this.formatters.set(name, { plugin, format });
      }
    }
    this.#notices = plugins.flatMap(({ name, parts }) =>
      Object.entries(parts.notices ?? {}).map(([mask, text]) => {
        return { plugin: name, isMeant: compileMask(mask), text };
      }),
    );
  }

  /** Lines by a word, of all plugins. */
  get aliases(): readonly (readonly [string, string])[] {
    return this.#plugins.flatMap(({ parts }) => Object.entries(parts.aliases ?? {}));
  }

  #fail({ name, from }: LoadedPlugin, reason: string): void {
    this.#note({ name, state: 'failed', about: reason, from });
    this.#warn(`plugin ${name}: ${reason}`);
  }

  #note(record: PluginRecord): void {
    const key = record.from === SHIPPED ? `${SHIPPED} ${record.name}` : record.from;
    this.#records.set(key, record);
  }

  #warn(line: string): void {
    this.options.warn(printable(line));
  }
}

/** By a name from elsewhere. */
const own = <T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
