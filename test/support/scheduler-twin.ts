import { expect } from 'vitest';
import { Errno, isDispatcherError } from '../../src/common/index.js';
import { ResourceGraph, TaskScheduler, type WaitReason } from '../../src/tasks/index.js';
import { type NaiveMode, NaiveScheduler } from './naive-scheduler.js';

export interface TwinClaim {
  readonly resource: string;
  readonly mode: NaiveMode;
}

export interface TwinPlacement {
  readonly parents: string[];
  readonly children: string[] | null;
}

type Refusal = string | null;

/** The scheduler and its naive model, taken through the same steps and compared after each. */
export class SchedulerTwin {
  readonly naive = new NaiveScheduler();
  readonly #graph = new ResourceGraph();
  readonly #outcomes: string[] = [];
  readonly #scheduler: TaskScheduler;

  constructor() {
    this.#scheduler = new TaskScheduler({
      graph: this.#graph,
      onOutcome: (outcome) => {
        const text = `${outcome.kind} ${outcome.task}`;
        if (outcome.kind === 'started') this.#outcomes.push(text);
        else this.#outcomes.push(`${text}: ${outcome.error.message.split('resources: ')[1] ?? ''}`);
      },
    });
  }

  admit(id: number, claims: readonly TwinClaim[]): void {
    this.#scheduler.admit(id, claims);
    this.naive.admit(id, claims);
    this.#compare();
  }

  release(id: number): void {
    this.#scheduler.release(id);
    this.naive.release(id);
    this.#compare();
  }

  register(name: string, owner: string, { parents, children }: TwinPlacement): Refusal {
    const given = children === null ? { parents } : { parents, children };
    return this.#change(
      () => this.#graph.register(name, { owner, ...given }),
      () => this.naive.register(name, owner, parents, children),
    );
  }

  update(name: string, { parents, children }: TwinPlacement): Refusal {
    const given = children === null ? { parents } : { parents, children };
    return this.#change(
      () => this.#graph.update(name, given),
      () => this.naive.update(name, parents, children),
    );
  }

  rename(from: string, to: string): Refusal {
    return this.#change(
      () => this.#graph.rename(from, to),
      () => this.naive.rename(from, to),
    );
  }

  remove(name: string): Refusal {
    return this.#change(
      () => this.#graph.remove(name),
      () => this.naive.remove(name),
    );
  }

  releaseOwner(owner: string): void {
    this.#graph.releaseOwner(owner);
    this.naive.releaseOwner(owner);
    this.#compare();
  }

  /** Ends tasks in the order in which they may end, until none is left. */
  drain(): void {
    for (let left = this.naive.tasks.length; left > 0; left -= 1) {
      const [first] = this.naive.running();
      if (first === undefined) break;
      this.release(first);
    }
    expect(this.naive.tasks, 'nothing is left behind').toEqual([]);
  }

  #change(real: () => void, naive: () => Refusal): Refusal {
    const refused = refusalOf(real);
    expect(refused).toBe(naive());
    this.#compare();
    return refused;
  }

  #compare(): void {
    expect(this.#outcomes).toEqual(this.naive.outcomes);
    expect(this.naive.conflictingRunners(), 'running tasks conflict').toBe(false);
    for (const { id } of this.naive.tasks) this.#compareReasons(id);
    this.#compareListing();
  }

  #compareReasons(id: number): void {
    const reasons = this.#scheduler.explain(id);
    const texts = reasons.map((reason) => {
      const task = reason.relation === 'missing' ? null : reason.task;
      return `${reason.relation} ${reason.claim.resource} ${task ?? ''}`;
    });
    const expected = this.naive
      .reasons(id)
      .map(({ relation, claim, task }) => `${relation} ${claim} ${task ?? ''}`);
    expect(texts.sort()).toEqual(expected.sort());
    for (const reason of reasons) this.#checkPath(reason);
  }

  /** The path leads along edges from the claim to something of the other's, through what both lock. */
  #checkPath(reason: WaitReason): void {
    if (reason.relation === 'missing') return;
    const { claim, resource, path, task } = reason;
    expect([path[0], path.at(-1)]).toEqual([claim.resource, resource]);
    for (const [index, name] of path.slice(1).entries()) {
      expect(this.#areNeighbours(path[index]!, name), path.join(' ')).toBe(true);
    }
    const theirs = this.naive.lockedBy(task);
    expect(theirs.has(resource)).toBe(true);
    const below = this.naive.below([this.naive.find(claim.resource)!]);
    const shared = path.filter((name) => theirs.has(name) && below.has(this.naive.find(name)!));
    expect(shared).not.toEqual([]);
  }

  #areNeighbours(a: string, b: string): boolean {
    const [first, second] = [this.naive.find(a)!, this.naive.find(b)!];
    return first.parents.includes(second) || second.parents.includes(first);
  }

  #compareListing(): void {
    const listed = this.#scheduler.listResources();
    const expected = this.naive.nodes.map(({ name, parents }) => {
      const holders = this.naive.running().flatMap((task) => {
        const mode = this.naive.lockedBy(task).get(name);
        return mode === undefined ? [] : [{ task, mode }];
      });
      const waiters = this.naive.tasks
        .filter(
          ({ state, claims }) => state === 'waiting' && claims.some((c) => c.node?.name === name),
        )
        .map(({ id }) => id);
      return { name, parents: parents.map((parent) => parent.name).sort(), holders, waiters };
    });
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    const sorted = listed.map((entry) => ({ ...entry, parents: [...entry.parents].sort() }));
    expect(sorted.sort(byName)).toEqual(expected.sort(byName));
  }
}

function refusalOf(action: () => void): Refusal {
  try {
    action();
    return null;
  } catch (error) {
    if (!isDispatcherError(error)) throw error;
    return Errno[error.code];
  }
}
