import type { CliPluginParts, Completer } from '../../sdk/index.js';
import type { SchemaArg } from '../../../wire/builder/index.js';
import type { Signature } from '../../values/index.js';

/** A plugin of the shell as `plugins` lists it. */
export interface PluginRecord {
  readonly name: string;
  /** `broken`: its file cannot be read. `refused`: others could have written it. */
  readonly state: 'loaded' | 'failed' | 'broken' | 'refused';
  /** What is wrong, or what it is for. */
  readonly about: string;
  /** The file; `shipped` for one that comes with the shell. */
  readonly from: string;
}

/** What takes arguments: a command or a stage. */
export interface PluginCallableCode {
  readonly plugin: LoadedPlugin;
  readonly description: string;
  readonly signature: Signature;
  readonly least: number;
  readonly accepts: readonly SchemaArg[];
  /** Its code. Throws whatever that throws. */
  readonly invoke: (args: readonly unknown[], context: object) => unknown;
}

export interface PluginCommand extends PluginCallableCode {
  readonly name: string;
  readonly path: readonly string[];
  readonly isOverride: boolean;
  /** By the name of the argument. */
  readonly completers: ReadonlyMap<string, Completer>;
}

export interface PluginStage extends PluginCallableCode {
  readonly name: string;
}

/** A plugin whose file has been evaluated and makes sense. */
export interface LoadedPlugin {
  readonly name: string;
  /** The file; `shipped` for one that comes with the shell. */
  readonly from: string;
  readonly parts: CliPluginParts;
  readonly commands: readonly PluginCommand[];
  /** Descriptions by path, joined by blanks. */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly stages: readonly PluginStage[];
  /** Where in its files an error was thrown; null when it was not. */
  readonly locate: (error: unknown) => string | null;
}
