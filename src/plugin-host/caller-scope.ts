import type { Logger } from '../sdk/index.js';
import type { PluginHostDependencies } from './plugin-host.dependencies.js';
import type { UndoStack } from './undo-stack.js';

/** Who uses a dispatcher: a generation of a plugin, or one task of it. */
export interface CallerScope {
  /** The plugin's name. */
  readonly name: string;
  /** The number of the task that it is. */
  readonly task?: number;
  readonly host: PluginHostDependencies;
  readonly logger: Logger;
  /** What is taken back when it comes to an end. */
  readonly undoStack: UndoStack;
  /** Fires when its end begins. */
  readonly signal: AbortSignal;
  /** @throws Error when it has ended */
  assertOpen(): void;
}
