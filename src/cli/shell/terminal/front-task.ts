import type { TaskRow, TaskUpdate } from '../../../client/index.js';
import { type ProgressLine, progressText } from '../../task/progress-line.js';
import { waitText } from '../../task/wait-reasons.js';
import type { Explanation } from '../../../wire/index.js';
import type { Session } from '../../session/index.js';
import type { BegunTask } from '../shell-io.js';

/** How often it is asked why a task waits. */
const EXPLAIN_EVERY_MS = 1_000;

/**
 * A task that is followed on the terminal: a line with its progress, or why it waits. Leaving it ends the
 * following, never the task.
 */
export class FrontTask {
  readonly #stop = new AbortController();
  #isLeft = false;
  #isWaiting = false;
  #timer: NodeJS.Timeout | undefined;

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
    try {
      for await (const update of this.session.client.tasks.follow(this.task.id, { signal: both })) {
        if (update.kind === 'ended') return update.row;
        this.#show(update);
      }
    } catch (error) {
      if (this.#isLeft) return null;
      throw signal.aborted ? signal.reason : error;
    } finally {
      this.#waitNoMore();
      this.line.clear();
    }
    return null;
  }

  #show(update: Exclude<TaskUpdate, { kind: 'ended' }>): void {
    if (update.kind === 'progress') {
      if (!this.#isWaiting) this.line.show(progressText(update.percentage, update.message));
      return;
    }
    const { state } = update;
    if (state === 'CREATED' || state === 'WAITING') this.#wait();
    else {
      this.#waitNoMore();
      this.line.show(progressText(null, state === 'ROLLBACK' ? 'rolling back' : null));
    }
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#timer = setInterval(() => void this.#explain(), EXPLAIN_EVERY_MS);
    void this.#explain();
  }

  #waitNoMore(): void {
    this.#isWaiting = false;
    clearInterval(this.#timer);
  }

  async #explain(): Promise<void> {
    try {
      const explanation = await this.session.call<Explanation>('task.explain', [this.task.id]);
      const text = waitText(explanation);
      if (this.#isWaiting && text !== '') this.line.show(text);
    } catch {
      // the task is followed all the same
    }
  }
}
