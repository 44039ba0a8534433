import type { LockClaim, LockHolder } from './lock-claim.js';
import type { LockTable } from './lock-table.js';
import type { Linked } from './linked-list.js';

/** What becomes of a task here, and of nothing else; one that is withdrawn or fails ends from wherever it is. */
const NEXT = {
  announced: ['waiting', 'ended'],
  waiting: ['running', 'ended'],
  running: ['ended'],
  ended: [],
} as const;
export type ScheduleState = keyof typeof NEXT;

/** A lock that a subtask needs beyond its parent's, kept in an ancestor's name while it lasts. */
export interface BorrowedLock {
  readonly table: LockTable;
  readonly claim: LockClaim;
}

const NONE: ReadonlySet<never> = new Set();

/** What the scheduler knows of a task that has not ended. */
export class ScheduledTask implements LockHolder, Linked<ScheduledTask> {
  previous: ScheduledTask | null = null;
  next: ScheduledTask | null = null;
  /** Place in the order of submission while announced, of admission afterwards. */
  order: number;
  /** Place in the order of submission. */
  readonly submitted: number;
  blockedMarks = 0;
  /** Claims on resources that do not exist. */
  missing = 0;
  claims: readonly LockClaim[] = [];
  borrowed: readonly BorrowedLock[] = [];
  /** Where its subtasks lock among each other; made for the first one. */
  subtaskLocks: LockTable | null = null;
  #state: ScheduleState = 'announced';
  /** Made for the first one: tens of thousands may wait, and few have any. */
  #subtasks: Set<ScheduledTask> | null = null;

  constructor(
    readonly id: number,
    order: number,
    readonly parent: ScheduledTask | null,
  ) {
    this.order = order;
    this.submitted = order;
  }

  get state(): ScheduleState {
    return this.#state;
  }

  /** @throws Error for a step that no task takes: then nothing happened */
  enter(next: ScheduleState): void {
    const allowed: readonly ScheduleState[] = NEXT[this.#state];
    if (!allowed.includes(next)) {
      throw new Error(`Task ${this.id} cannot go from ${this.#state} to ${next} in the scheduler`);
    }
    this.#state = next;
  }

  get subtasks(): ReadonlySet<ScheduledTask> {
    return this.#subtasks ?? NONE;
  }

  adopt(subtask: ScheduledTask): void {
    (this.#subtasks ??= new Set()).add(subtask);
  }

  disown(subtask: ScheduledTask): void {
    this.#subtasks?.delete(subtask);
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get mayStart(): boolean {
    return this.#state === 'waiting' && this.blockedMarks === 0 && this.missing === 0;
  }
}
