import type { EndState } from '../row/task-state.js';

/** Kinds of tasks with numbers of their own; plugins that come and go bring ever new ones. */
const MAX_KINDS = 1_000;
const OTHERS = 'others';

export interface EndedTasks {
  readonly count: Record<EndState, number>;
  runMs: number;
}

/** How the tasks of each name ended since the start, and how long they ran. */
export class TaskTally {
  readonly byName = new Map<string, EndedTasks>();

  constructor(private readonly maxKinds = MAX_KINDS) {}

  count(name: string, state: EndState, runMs: number): void {
    const ended = this.#of(name);
    ended.count[state] += 1;
    ended.runMs += runMs;
  }

  #of(name: string): EndedTasks {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const key = this.byName.size < this.maxKinds ? name : OTHERS;
    const ended = this.byName.get(key) ?? {
      count: { FINISHED: 0, FAILED: 0, ABORTED: 0 },
      runMs: 0,
    };
    this.byName.set(key, ended);
    return ended;
  }
}
