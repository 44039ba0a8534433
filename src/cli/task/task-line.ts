import type { TaskState, TaskUpdate } from '../../client/index.js';
import type { Explanation } from '../../wire/index.js';
import type { Session } from '../session/index.js';
import { type ProgressLine, progressText } from './progress-line.js';
import { waitText } from './wait-reasons.js';

/** How often it is asked why a task waits. */
const EXPLAIN_EVERY_MS = 1_000;

/** The line of a task that is followed: its progress, or why it waits. */
export class TaskLine {
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly session: Pick<Session, 'call'>,
    private readonly id: number,
    private readonly line: ProgressLine,
  ) {}

  show(update: Exclude<TaskUpdate, { kind: 'ended' }>): void {
    if (update.kind === 'progress') {
      if (!this.#isWaiting) this.line.show(progressText(update.percentage, update.message));
    } else if (isBeforeRun(update.state)) {
      this.#wait();
    } else {
      this.#waitNoMore();
      this.line.show(progressText(null, update.state === 'ROLLBACK' ? 'rolling back' : null));
    }
  }

  /** Nothing is shown of it any more. */
  close(): void {
    this.#waitNoMore();
    this.line.clear();
  }

  get #isWaiting(): boolean {
    return this.#timer !== null;
  }

  #wait(): void {
    if (this.#isWaiting || !this.line.isShown) return;
    this.#timer = setInterval(() => void this.#explain(), EXPLAIN_EVERY_MS);
    void this.#explain();
  }

  #waitNoMore(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #explain(): Promise<void> {
    try {
      const explanation = await this.session.call<Explanation>('task.explain', [this.id]);
      const text = waitText(explanation);
      if (this.#isWaiting && text !== '') this.line.show(text);
    } catch {
      // the task is followed all the same
    }
  }
}

const isBeforeRun = (state: TaskState): boolean => state === 'CREATED' || state === 'WAITING';
