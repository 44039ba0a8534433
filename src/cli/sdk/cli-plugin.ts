import type { DispatcherEvent } from '../../client/index.js';
import type { Command } from './command.js';
import type { PluginContext, QueryClient } from './context.js';
import type { Completed, Namespace } from './namespace.js';
import type { Stage } from './stage.js';

/** Values of an argument that begin as is typed. */
export type Completer = (
  prefix: string,
  context: { readonly client: QueryClient },
) => readonly Completed[] | Promise<readonly Completed[]>;

/** What a plugin of the shell brings, and what it wants to be told of. */
export interface CliPluginParts {
  /** One line for `plugins`. */
  readonly description?: string;
  /** Plugins that have to be there, and are loaded before. */
  readonly depends?: readonly string[];
  readonly namespaces?: readonly (new () => Namespace)[];
  readonly commands?: readonly (new () => Command)[];
  readonly stages?: readonly (new () => Stage)[];
  /** Lines by a word that stands for each; those of the user go before. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** For `to NAME`: the text of an answer. */
  readonly formatters?: Readonly<Record<string, (value: unknown) => string>>;
  /** By a method or a task, `files.copy`, then by the name of the argument. */
  readonly completers?: Readonly<Record<string, Readonly<Record<string, Completer>>>>;
  /** The line that is shown of an event, by a mask of names; null leaves it to the shell. */
  readonly notices?: Readonly<Record<string, (event: DispatcherEvent) => string | null>>;
  /** What `show` of a service shows where nobody chooses. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** The shell has logged in. A plugin whose hook fails is not there. */
  readonly onLogin?: (context: PluginContext) => unknown;
  /** The connection was lost, and is back. */
  readonly onReconnect?: (context: PluginContext) => unknown;
  /** The shell ends. */
  readonly cleanup?: (context: PluginContext) => unknown;
}

const BRAND = Symbol.for('dispatcher.cli-plugin');

/**
 * A plugin of the shell: the default export of its file.
 *
 * @example
 * export default new CliPlugin({ namespaces: [BackupNamespace], aliases: { nightly: 'backup repeat' } });
 */
export class CliPlugin {
  readonly [BRAND] = true;

  constructor(readonly parts: CliPluginParts) {}
}

export const isCliPlugin = (value: unknown): value is CliPlugin =>
  typeof value === 'object' && value !== null && BRAND in value;
