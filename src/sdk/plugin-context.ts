import type { Logger } from './logger.js';

/** What a plugin's `init` is told about itself. */
export interface PluginContext {
  /** Name of the plugin's folder, or of its file without the ending. */
  readonly name: string;
  /** Absolute path of the folder the plugin lives in. */
  readonly directory: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
  /** Fires when the plugin is being unloaded: hand it to whatever waits. */
  readonly signal: AbortSignal;
}

/** The methods that the host calls on a plugin's class; both are optional. */
export interface PluginLifecycle {
  init?(context: PluginContext): void | Promise<void>;
  cleanup?(): void | Promise<void>;
}
