import { CompiledCode } from './code/compiled-code.js';
import { PluginCode } from './code/plugin-code.js';
import { type Compile, compilePluginSource } from './code/plugin-compiler.js';
import type { FormerCode } from './plugin-candidate.js';
import type { DiscoveredPlugin } from './plugin-discovery.js';
import { PluginGeneration } from './plugin-generation.js';
import type { PluginHostDependencies, PluginHostSettings } from './plugin-host.dependencies.js';
import type { PluginRecord } from './plugin-record.js';
import { PluginScope } from './plugin-scope.js';

/** Makes generations, each with a number of its own. */
export class GenerationFactory {
  readonly #compile: Compile;
  #generations = 0;

  constructor(
    private readonly context: {
      readonly host: PluginHostDependencies;
      readonly settings: PluginHostSettings;
    },
  ) {
    const { codeFolder } = context.settings;
    this.#compile =
      codeFolder === null ? compilePluginSource : new CompiledCode(codeFolder).compile;
  }

  /** One whose code is read from the plugin's files. */
  fromDisk(record: PluginRecord, plugin: DiscoveredPlugin): PluginGeneration {
    return this.#make(record, plugin, new PluginCode(plugin.entry, new Map(), this.#compile));
  }

  /** One whose code is that of an earlier generation, whatever the files say by now. */
  fromText(record: PluginRecord, { plugin, sources }: FormerCode): PluginGeneration {
    return this.#make(record, plugin, new PluginCode(plugin.entry, sources, this.#compile));
  }

  #make({ owner }: PluginRecord, plugin: DiscoveredPlugin, code: PluginCode): PluginGeneration {
    const { host, settings } = this.context;
    this.#generations += 1;
    const scope: PluginScope = new PluginScope(host, owner, host.createLogger(plugin.name), {
      plugin: plugin.name,
      entry: plugin.entry,
      generation: this.#generations,
      options: {},
      sources: () => code.sources(),
      keep: () => scope.acquireCode(),
    });
    return new PluginGeneration(plugin, scope, settings, code);
  }
}
