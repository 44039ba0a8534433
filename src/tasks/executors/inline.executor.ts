import { abortable } from '../../common/index.js';
import type { Task } from '../../sdk/index.js';
import type { TaskResources } from '../task-handler.js';
import type {
  OpenSessionOptions,
  RunOutcome,
  TaskAssignment,
  TaskExecutor,
  TaskSession,
} from './executor.js';
import { runToOutcome, toRunOutcome } from './run-outcome.js';
import { askToStop, perform, type Step } from './task-methods.js';

/**
 * Runs tasks in the server's own process. For short asynchronous work: a task cannot be ended here,
 * and one that blocks the event loop blocks the server.
 */
export class InlineExecutor implements TaskExecutor {
  readonly obstacle = null;

  async open(assignment: TaskAssignment, { signal }: OpenSessionOptions): Promise<TaskSession> {
    signal.throwIfAborted();
    const { handler, context } = assignment;
    const resources = handler.acquire(context);
    try {
      const creating = handler.create(context, resources); // may wait for something that never comes
      return new InlineSession(await abortable(creating, signal), resources, assignment);
    } catch (error) {
      await resources.release();
      throw error;
    }
  }
}

class InlineSession implements TaskSession {
  readonly isAlive = true;
  #wasAskedToStop = false;

  constructor(
    private readonly task: Task,
    private readonly resources: TaskResources,
    private readonly assignment: TaskAssignment,
  ) {}

  run(): Promise<RunOutcome> {
    return this.#perform('run');
  }

  rollback(): Promise<RunOutcome> {
    return this.#perform('rollback');
  }

  abort(): void {
    if (this.#wasAskedToStop) return;
    this.#wasAskedToStop = true;
    askToStop(this.task, (warning) => this.assignment.context.warn(warning));
  }

  kill(): void {
    // its process is the server's
  }

  async close(): Promise<void> {
    await this.resources.release();
  }

  async #perform(step: Step): Promise<RunOutcome> {
    return toRunOutcome(await runToOutcome(() => perform(this.task, step, this.assignment.args)));
  }
}
