import type { Options } from '../arguments/index.js';
import type { Session } from '../session/index.js';
import type { Namespace, Place } from './namespaces/index.js';
import type { PluginSet } from './plugins/index.js';
import type { BegunTask } from './shell-io.js';

export interface ShellOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Also what is for plugins only. */
  readonly hasPrivate: boolean;
  /** Nothing on this machine is written or read by a line: no `>`, `save`, `source`, `key@FILE`. */
  readonly hasFiles: boolean;
  /** What would change something is said and not done. */
  readonly isDry?: boolean;
  /** In which form answers are shown where a line does not say so. */
  readonly format?: Options;
  /** One line for people, beside what a line answers with. */
  readonly warn: (line: string) => void;
  /** Code of others runs in this process from now on: it may leave something running. */
  readonly onForeignCode?: () => void;
}

/** A task that waits for `commit`. */
export interface CollectedTask {
  readonly task: string;
  readonly args: readonly unknown[];
}

/** What a line finds of the shell that it runs in, and what it leaves behind there. */
export interface ShellState {
  readonly session: Session;
  readonly options: ShellOptions;
  /** Values by name, in their form on the wire. */
  readonly variables: Map<string, unknown>;
  readonly aliases: Map<string, string>;
  /** Tasks that lines of this shell have begun and that nobody has seen end, by their numbers. */
  readonly jobs: Map<number, BegunTask>;
  readonly plugins: PluginSet;
  /** Between `begin` and `commit`; null outside. */
  collected: CollectedTask[] | null;
  /** Of the last pipeline, `$?`. */
  status: number;
  /** The tree as it is now, with what plugins bring; another object after every change. */
  readonly root: Namespace;
  /** What the server alone offers. */
  readonly serverRoot: Namespace;
  readonly place: Place;
  /** The place that one was at before, as far as it is still there. */
  readonly placeBefore: Place;
  /** Goes to a place; `-` comes back to the one before. */
  goTo(place: Place): void;
  /**
   * Asks the server anew. The place stays; where it has gone it is the nearest ancestor.
   *
   * @returns the text of the place that has gone; null when it is still there
   */
  refresh(): Promise<string | null>;
  /**
   * The same, for a word that is not known: what was on disk may be old. False when it has just been asked.
   */
  refreshIfOld(): Promise<boolean>;
  /** Loads the plugins that are not loaded yet. @returns whether there were some */
  loadPlugins(): Promise<boolean>;
}
