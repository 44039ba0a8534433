import type { TaskRow } from '../../../client/index.js';
import type { ProgressLine } from '../../task/progress-line.js';
import { TaskLine } from '../../task/task-line.js';
import type { Session } from '../../session/index.js';
import type { BegunTask } from '../shell-io.js';

/**
 * A task that is followed on the terminal: a line with its progress, or why it waits. Leaving it ends the
 * following, never the task.
 */
export class FrontTask {
  readonly #stop = new AbortController();
  #isLeft = false;

  constructor(
    private readonly session: Pick<Session, 'client' | 'call'>,
    readonly task: BegunTask,
    private readonly line: ProgressLine,
  ) {}

  /** Nobody looks any more; the task goes on. */
  leave(): void {
    this.#isLeft = true;
    this.#stop.abort(new Error('left'));
  }

  /**
   * @returns its row when it has ended; null when it was left
   * @throws what the server says; the reason of the signal
   */
  async follow(signal: AbortSignal): Promise<TaskRow | null> {
    const both = AbortSignal.any([signal, this.#stop.signal]);
    const shown = new TaskLine(this.session, this.task.id, this.line);
    try {
      for await (const update of this.session.client.tasks.follow(this.task.id, { signal: both })) {
        if (update.kind === 'ended') return update.row;
        shown.show(update);
      }
    } catch (error) {
      if (this.#isLeft) return null;
      throw signal.aborted ? signal.reason : error;
    } finally {
      shown.close();
    }
    return null;
  }
}
