/**
 * The task contract's rules on resources and locks, written the slow and obvious way: sets, loops,
 * everything worked out anew after each step. The specs hold the scheduler against it.
 */
export interface NaiveNode {
  name: string;
  owner: string;
  isLeaving: boolean;
  parents: NaiveNode[];
}

export type NaiveMode = 'shared' | 'exclusive';

interface NaiveClaim {
  name: string;
  node: NaiveNode | null;
  readonly mode: NaiveMode;
  /** What it has locked since it was granted. */
  locked: Set<NaiveNode>;
}

interface NaiveTask {
  readonly id: number;
  state: 'waiting' | 'running';
  readonly claims: NaiveClaim[];
}

export interface NaiveReason {
  readonly relation: string;
  readonly claim: string;
  readonly task: number | null;
}

export class NaiveScheduler {
  nodes: NaiveNode[] = [];
  /** In the order of admission. */
  tasks: NaiveTask[] = [];
  readonly outcomes: string[] = [];

  constructor() {
    const root = { name: 'root', owner: 'server', isLeaving: false, parents: [] };
    this.nodes.push(root, { name: 'system', owner: 'server', isLeaving: false, parents: [root] });
  }

  admit(id: number, claims: readonly { resource: string; mode: NaiveMode }[]): void {
    const made = claims.map(({ resource, mode }) => {
      const node = this.find(resource) ?? null;
      return { name: resource, node, mode, locked: new Set<NaiveNode>() };
    });
    this.tasks.push({ id, state: 'waiting', claims: made });
    this.#schedule();
  }

  release(id: number): void {
    this.tasks = this.tasks.filter((task) => task.id !== id);
    this.#sweep();
    this.#schedule();
  }

  register(
    name: string,
    owner: string,
    parents: string[],
    children: string[] | null,
  ): string | null {
    const present = this.find(name);
    if (present !== undefined && !present.isLeaving) return 'EEXIST';
    const node = present ?? { name, owner, isLeaving: false, parents: [] };
    const refusal = this.#place(node, parents, children);
    if (refusal !== null) return refusal;
    node.owner = owner;
    node.isLeaving = false;
    this.#schedule();
    return null;
  }

  update(name: string, parents: string[], children: string[] | null): string | null {
    const node = this.find(name);
    if (node === undefined) return 'ENOENT';
    const refusal = this.#place(node, parents, children);
    if (refusal === null) this.#schedule();
    return refusal;
  }

  rename(from: string, to: string): string | null {
    const node = this.find(from);
    if (node === undefined) return 'ENOENT';
    if (from === to) return null;
    if (this.find(to) !== undefined) return 'EEXIST';
    node.name = to;
    this.#schedule();
    return null;
  }

  remove(name: string): string | null {
    const node = this.find(name);
    if (node === undefined) return 'ENOENT';
    if (this.#isHeld(node)) node.isLeaving = true;
    else this.#drop(node);
    this.#schedule();
    return null;
  }

  releaseOwner(owner: string): void {
    for (const node of this.nodes) if (node.owner === owner) node.isLeaving = true;
    this.#sweep();
    this.#schedule();
  }

  find(name: string): NaiveNode | undefined {
    return this.nodes.find((node) => node.name === name);
  }

  running(): number[] {
    return this.tasks.filter(({ state }) => state === 'running').map(({ id }) => id);
  }

  conflictingRunners(): boolean {
    const running = this.tasks.filter(({ state }) => state === 'running');
    return running.some((a) => running.some((b) => a !== b && this.#conflict(a, b)));
  }

  reasons(id: number): NaiveReason[] {
    const index = this.tasks.findIndex((task) => task.id === id);
    const task = this.tasks[index];
    if (task?.state !== 'waiting') return [];
    const found: NaiveReason[] = [];
    for (const claim of task.claims) {
      if (claim.node === null) found.push({ relation: 'missing', claim: claim.name, task: null });
      this.tasks.forEach((other, place) => {
        const isAhead = other.state === 'running' || place < index;
        if (other === task || !isAhead) return;
        const relation = other.state === 'running' ? 'held' : 'precedes';
        for (const theirs of other.claims) {
          if (!this.#meet(claim, theirs)) continue;
          found.push({ relation, claim: claim.node?.name ?? claim.name, task: other.id });
        }
      });
    }
    return found;
  }

  /** Everything at and below the nodes. */
  below(nodes: Iterable<NaiveNode>): Set<NaiveNode> {
    const set = new Set(nodes);
    for (let before = -1; before !== set.size;) {
      before = set.size;
      for (const node of this.nodes) {
        if (node.parents.some((parent) => set.has(parent))) set.add(node);
      }
    }
    return set;
  }

  lockedBy(id: number): Map<string, NaiveMode> {
    const locked = new Map<string, NaiveMode>();
    const task = this.tasks.find((candidate) => candidate.id === id);
    for (const claim of task?.claims ?? []) {
      for (const { name } of this.#lockedSet(claim)) {
        if (locked.get(name) !== 'exclusive') locked.set(name, claim.mode);
      }
    }
    return locked;
  }

  #lockedSet(claim: NaiveClaim): Set<NaiveNode> {
    if (claim.locked.size > 0) return claim.locked;
    return claim.node === null ? new Set() : this.below([claim.node]);
  }

  #meet(a: NaiveClaim, b: NaiveClaim): boolean {
    if (a.mode === 'shared' && b.mode === 'shared') return false;
    const theirs = this.#lockedSet(b);
    return [...this.#lockedSet(a)].some((node) => theirs.has(node));
  }

  #conflict(a: NaiveTask, b: NaiveTask): boolean {
    return a.claims.some((claim) => b.claims.some((other) => this.#meet(claim, other)));
  }

  #schedule(): void {
    for (const task of this.tasks) {
      for (const claim of task.claims) {
        if (task.state === 'waiting') claim.node ??= this.find(claim.name) ?? null;
        if (claim.node !== null) claim.name = claim.node.name;
      }
    }
    for (;;) {
      const next = this.tasks.find((task, index) => this.#mayStart(task, index));
      if (next !== undefined) {
        next.state = 'running';
        for (const claim of next.claims) claim.locked = this.below([claim.node!]);
        this.outcomes.push(`started ${next.id}`);
        continue;
      }
      const first = this.tasks[0];
      const missing = first?.claims.filter(({ node }) => node === null) ?? [];
      if (first?.state !== 'waiting' || missing.length === 0) return;
      const names = [...new Set(missing.map(({ name }) => name))];
      this.tasks.shift();
      this.outcomes.push(`failed ${first.id}: ${names.join(', ')}`);
    }
  }

  #mayStart(task: NaiveTask, index: number): boolean {
    if (task.state !== 'waiting' || task.claims.some(({ node }) => node === null)) return false;
    return this.tasks.every((other, place) => {
      const isAhead = other.state === 'running' || place < index;
      return other === task || !isAhead || !this.#conflict(task, other);
    });
  }

  #place(node: NaiveNode, parents: string[], children: string[] | null): string | null {
    const all = this.nodes.includes(node) ? this.nodes : [...this.nodes, node];
    const byName = (name: string): NaiveNode | undefined => all.find((n) => n.name === name);
    const above = (parents.length === 0 ? ['root'] : parents).map(byName);
    const beneath = (children ?? []).map(byName);
    if ([...above, ...beneath].includes(undefined)) return 'ENOENT';
    const before = { nodes: this.nodes, parents: new Map(all.map((n) => [n, n.parents])) };
    this.nodes = all;
    node.parents = [...new Set(above as NaiveNode[])];
    if (children !== null) {
      for (const other of all) {
        if (other === node) continue;
        other.parents = other.parents.filter((parent) => parent !== node);
        if (beneath.includes(other)) other.parents = [...other.parents, node];
        if (other.parents.length === 0 && other.name !== 'root') other.parents = [byName('root')!];
      }
      if (beneath.includes(node)) node.parents = [...node.parents, node];
    }
    const refusal = this.#hasCycle() ? 'EINVAL' : this.#grow() ? null : 'EBUSY';
    if (refusal === null) return null;
    this.nodes = before.nodes;
    for (const [changed, old] of before.parents) changed.parents = old;
    return refusal;
  }

  /** Takes what came below a locked node into the locked sets, unless two then conflict. */
  #grow(): boolean {
    const claims = this.tasks.filter((t) => t.state === 'running').flatMap((t) => t.claims);
    const before = claims.map(({ locked }) => locked);
    for (const claim of claims) claim.locked = this.below(claim.locked);
    if (!this.conflictingRunners()) return true;
    claims.forEach((claim, index) => (claim.locked = before[index]!));
    return false;
  }

  #hasCycle(): boolean {
    return this.nodes.some((node) =>
      [...this.below([node])].some((lower) => node.parents.includes(lower)),
    );
  }

  #drop(node: NaiveNode): void {
    const gone = new Set([node]);
    for (let before = -1; before !== gone.size;) {
      before = gone.size;
      for (const other of this.nodes) {
        const hangsOnGone = other.parents.length > 0 && other.parents.every((p) => gone.has(p));
        if (hangsOnGone) gone.add(other);
      }
    }
    this.nodes = this.nodes.filter((other) => !gone.has(other));
    for (const other of this.nodes) other.parents = other.parents.filter((p) => !gone.has(p));
    for (const task of this.tasks) {
      for (const claim of task.claims) {
        claim.locked = new Set([...claim.locked].filter((locked) => !gone.has(locked)));
        if (claim.node !== null && gone.has(claim.node)) claim.node = null;
      }
    }
  }

  #sweep(): void {
    for (const node of [...this.nodes].filter(({ isLeaving }) => isLeaving)) {
      if (!this.nodes.includes(node)) continue;
      if (!this.#isHeld(node)) this.#drop(node);
    }
  }

  /** Whether a running task has it, or anything below it, locked. */
  #isHeld(node: NaiveNode): boolean {
    const region = this.below([node]);
    return this.tasks.some(
      (task) =>
        task.state === 'running' &&
        task.claims.some((c) => [...c.locked].some((n) => region.has(n))),
    );
  }
}
