import type { Clock } from '../../events/index.js';
import type { Claims } from '../../sdk/index.js';
import { type Linked, LinkedList } from '../scheduler/linked-list.js';

/** How long a task keeps its place while its verify runs. */
export const PLACE_KEPT_MS = 1_000;

class Entry implements Linked<Entry> {
  previous: Entry | null = null;
  next: Entry | null = null;
  claims: Claims | null = null;
  hasPlace = true;
  /** When it gives its place up, unless its claims are known by then. */
  deadlineMs = Infinity;

  constructor(
    readonly id: number,
    readonly order: number,
    readonly hasDeadline: boolean,
  ) {}
}

export interface AdmissionQueueDependencies {
  readonly clock: Clock;
  /** Called in the order of the line. */
  readonly admit: (id: number, claims: Claims) => void;
}

/**
 * Tasks between submission and the queue. Their verifies run side by side, and their claims are
 * admitted in the order in which they were submitted; who still verifies after a second gives its
 * place up and is admitted when it is ready.
 */
export class AdmissionQueue {
  readonly #entries = new Map<number, Entry>();
  readonly #places = new LinkedList<Entry>();
  #count = 0;
  /** One for the whole line: tasks come by the thousand. */
  #cancelTimer: (() => void) | null = null;

  constructor(private readonly dependencies: AdmissionQueueDependencies) {}

  /** Takes a place. Without a deadline it is kept until the claims are known. */
  enter(id: number, { hasDeadline = true } = {}): void {
    this.#count += 1;
    const entry = new Entry(id, this.#count, hasDeadline);
    this.#entries.set(id, entry);
    this.#places.push(entry);
  }

  /** The claims are not there at once, as most are: from now on it has a second. */
  startDeadline(id: number): void {
    const entry = this.#entries.get(id);
    if (entry?.hasDeadline !== true) return;
    entry.deadlineMs = this.dependencies.clock.nowMs() + PLACE_KEPT_MS;
    if (this.#cancelTimer === null) this.#watch(entry);
  }

  /** The claims are known: admits the task when those before it are, or at once if it is late. */
  ready(id: number, claims: Claims): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.claims = claims;
    if (entry.hasPlace) this.#advance();
    else this.#admit(entry, claims);
  }

  /** The task failed or was aborted. */
  leave(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#forget(entry);
    this.#advance();
  }

  /** The task at the head of the line, which this one waits behind; null when it waits for itself only. */
  precedes(id: number): number | null {
    const entry = this.#entries.get(id);
    const { first } = this.#places;
    return entry?.hasPlace !== true || first === null || first === entry ? null : first.id;
  }

  #watch({ deadlineMs }: Entry): void {
    const { clock } = this.dependencies;
    const delayMs = Math.ceil(deadlineMs - clock.nowMs()); // Node keeps a list for each length of time
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#cancelTimer = null;
      this.#passLate();
    });
  }

  /** Who is ready and waits for the first of the line only keeps its place. */
  #passLate(): void {
    const nowMs = this.dependencies.clock.nowMs();
    for (const entry of [...this.#places]) {
      if (entry.claims === null && entry.deadlineMs <= nowMs) this.#giveUpPlace(entry);
    }
    this.#advance();
    if (this.#cancelTimer !== null) return; // whoever was admitted brought another
    const next = [...this.#places].find(isAwaited);
    if (next !== undefined) this.#watch(next);
  }

  #advance(): void {
    for (let { first } = this.#places; first?.claims != null; { first } = this.#places) {
      this.#admit(first, first.claims);
    }
  }

  #admit(entry: Entry, claims: Claims): void {
    this.#forget(entry);
    this.dependencies.admit(entry.id, claims);
  }

  #forget(entry: Entry): void {
    if (entry.hasPlace) this.#giveUpPlace(entry);
    this.#entries.delete(entry.id);
  }

  #giveUpPlace(entry: Entry): void {
    entry.hasPlace = false;
    this.#places.remove(entry);
    if (this.#places.first !== null) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}

function isAwaited({ claims, deadlineMs }: Entry): boolean {
  return claims === null && deadlineMs !== Infinity;
}
