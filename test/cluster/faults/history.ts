const END_STATES: ReadonlySet<string> = new Set(['FINISHED', 'FAILED', 'ABORTED']);

/** What clients were told in one run of the test, for the invariants to be held against. */
export class History {
  /** Every id that a node has acknowledged, with the key it stands for. */
  readonly submitted: { readonly id: number; readonly key: string | null }[] = [];
  /** Tasks seen in an end state, with it. */
  readonly ends = new Map<number, string>();
  /** Users that were removed, from when that was acknowledged. */
  readonly removed: string[] = [];
  readonly terms: number[] = [];
  readonly counts = {
    submits: 0,
    refused: 0,
    events: 0,
    gaps: 0,
    resumes: 0,
    logins: 0,
    locks: 0,
    broken: 0,
  };
  readonly violations: string[] = [];
  readonly #byKey = new Map<string, number>();
  /** Name and arguments of each event by its cursor: the same at every node. */
  readonly #byCursor = new Map<string, string>();

  acknowledge(id: number, key: string | null): void {
    this.counts.submits += 1;
    this.submitted.push({ id, key });
    if (key === null) return;
    const known = this.#byKey.get(key);
    if (known !== undefined && known !== id)
      this.violate(`key ${key} stands for ${known} and ${id}`);
    this.#byKey.set(key, id);
  }

  /** A row or an event that says where a task is. */
  state(id: number, state: string): void {
    if (!END_STATES.has(state)) return;
    const known = this.ends.get(id);
    if (known !== undefined && known !== state)
      this.violate(`task ${id} was ${known}, then ${state}`);
    this.ends.set(id, state);
  }

  event(cursor: string, text: string): void {
    this.counts.events += 1;
    const known = this.#byCursor.get(cursor);
    if (known !== undefined && known !== text) {
      this.violate(`cursor ${cursor} is two events: ${known} and ${text}`);
    }
    this.#byCursor.set(cursor, text);
  }

  violate(what: string): void {
    this.violations.push(what);
  }
}
