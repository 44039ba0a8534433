import type { TaskContext } from '../sdk/index.js';
import type { CallerScope } from './caller-scope.js';
import type { PluginHostDependencies } from './plugin-host.dependencies.js';
import type { PluginScope } from './plugin-scope.js';
import { UndoStack } from './undo-stack.js';
import type { Logger } from '../sdk/index.js';

/** What one task of a plugin has and does. It may outlive the generation that its code is of. */
export class TaskScope implements CallerScope {
  readonly name: string;
  readonly task: number;
  readonly host: PluginHostDependencies;
  readonly logger: Logger;
  readonly undoStack = new UndoStack();
  readonly #releaseCode: () => void;
  #isOver = false;

  constructor(
    plugin: PluginScope,
    private readonly context: TaskContext,
  ) {
    this.name = plugin.name;
    this.task = context.id;
    this.host = plugin.host;
    this.logger = plugin.logger;
    this.#releaseCode = plugin.acquireCode();
  }

  get signal(): AbortSignal {
    return this.context.signal;
  }

  /** @throws Error when the task has ended */
  assertOpen(): void {
    if (!this.#isOver) return;
    throw new Error(
      `Task ${this.context.id} has ended: what it left running may not use the dispatcher`,
    );
  }

  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      if (this.undoStack.size > 0) await this.#undoAll();
    } finally {
      this.#releaseCode();
    }
  }

  async #undoAll(): Promise<void> {
    await this.undoStack.undoAll((what, error) =>
      this.logger.error('What a task had registered could not be taken back', { what, error }),
    );
  }
}
