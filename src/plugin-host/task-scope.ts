import type { TaskContext } from '../sdk/index.js';
import type { CallerScope } from './caller-scope.js';
import type { PluginHostDependencies } from './plugin-host.dependencies.js';
import type { PluginScope } from './plugin-scope.js';
import { UndoStack } from './undo-stack.js';
import type { Logger } from '../sdk/index.js';

/** One for all: most tasks leave nothing to take back, and each submit ends one. */
const NOTHING_LEFT = Promise.resolve();

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

  end(): Promise<void> {
    if (this.#isOver) return NOTHING_LEFT;
    this.#isOver = true;
    if (this.undoStack.size > 0) return this.#undoAll();
    this.#releaseCode();
    return NOTHING_LEFT;
  }

  async #undoAll(): Promise<void> {
    try {
      await this.undoStack.undoAll((what, error) =>
        this.logger.error('What a task had registered could not be taken back', { what, error }),
      );
    } finally {
      this.#releaseCode();
    }
  }
}
