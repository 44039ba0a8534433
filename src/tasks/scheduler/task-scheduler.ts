import { coded, type RpcException } from '../../common/index.js';
import type { GraphChange, GraphGuard, ResourceGraph, ResourceNode } from '../resources/index.js';
import type { Claim } from '../../sdk/index.js';
import { refuseContested } from './contested.js';
import { isCovered, borrowLocks } from './borrowed-lock.js';
import { LinkedList } from './linked-list.js';
import { LockClaim } from './lock-claim.js';
import { LockTable, type LockTableObserver } from './lock-table.js';
import type { LockMode } from './mark-kind.js';
import { MissingNames } from './missing-names.js';
import { ScheduledTask } from './scheduled-task.js';
import { reasonsOf, type WaitReason } from './wait-reason.js';
import type { ResourceRow } from '../../wire/index.js';
import { listResources } from './resource-listing.js';
import { WorkMeter } from './work-meter.js';

/** What became of a waiting task. A failed one is forgotten by then. */
export type ScheduleOutcome =
  | { readonly kind: 'started'; readonly task: number }
  | { readonly kind: 'failed'; readonly task: number; readonly error: RpcException };

export interface TaskSchedulerDependencies {
  readonly graph: ResourceGraph;
  /**
   * Told once of each task that starts or fails, in order, whatever made it so: an admission, a
   * release, a change of the graph. It may call the scheduler, and must not throw.
   */
  readonly onOutcome: (outcome: ScheduleOutcome) => void;
}

/**
 * Decides when tasks run: a task starts when its claims conflict neither with a running task's nor
 * with those of any task admitted earlier that still waits. Hence no two running tasks conflict,
 * conflicting ones run in the order of admission, nothing starves and nothing deadlocks.
 *
 * Pure bookkeeping: it runs nothing, waits for nothing and knows no time. What a call costs depends
 * on the claims of that task and on the tasks it lets start, never on how many wait.
 *
 * @example
 * const scheduler = new TaskScheduler({ graph, onOutcome });
 * scheduler.announce(1);                    // submitted; verify is running
 * scheduler.admit(1, ['zpool:tank']);       // onOutcome({ kind: 'started', task: 1 })
 * scheduler.admit(2, ['disk:/dev/da0']);    // waits: the pool is on that disk
 * scheduler.explain(2);                     // [{ relation: 'held', task: 1, ... }]
 * scheduler.release(1);                     // onOutcome({ kind: 'started', task: 2 })
 */
export class TaskScheduler {
  readonly meter = new WorkMeter();
  readonly #graph: ResourceGraph;
  readonly #onOutcome: (outcome: ScheduleOutcome) => void;
  readonly #observer: LockTableObserver;
  readonly #table: LockTable;
  /** Of every parent that has subtasks. */
  readonly #locksOfSubtasks = new Set<LockTable>();
  readonly #tasks = new Map<number, ScheduledTask>();
  /** Top-level tasks that have not ended: submitted only, and admitted. */
  readonly #announced = new LinkedList<ScheduledTask>();
  readonly #unfinished = new LinkedList<ScheduledTask>();
  readonly #missing = new MissingNames();
  #ready: ScheduledTask[] = [];
  #stranded: ScheduledTask[] = [];
  readonly #outcomes: ScheduleOutcome[] = [];
  #isTelling = false;
  #order = 0;

  constructor({ graph, onOutcome }: TaskSchedulerDependencies) {
    this.#graph = graph;
    this.#onOutcome = onOutcome;
    this.#observer = {
      meter: this.meter,
      cleared: (holder) => this.#consider(holder.id),
      vanished: (claim) => this.#vanished(claim),
    };
    this.#table = new LockTable(this.#observer);
    graph.guardWith(this.#guard());
  }

  /** A top-level task was submitted and is not admitted yet: later ones may wait for what it makes. */
  announce(id: number): void {
    this.#announced.push(this.#enter(id, null));
  }

  /** Puts a task in line. The order of these calls is the order of conflicting tasks. */
  admit(id: number, claims: readonly Claim[]): void {
    if (!this.#tasks.has(id)) this.announce(id);
    const task = this.#tasks.get(id);
    if (task?.state !== 'announced') throw new Error(`Task ${id} was admitted already`);
    this.#announced.remove(task);
    this.#order += 1;
    task.order = this.#order;
    task.enter('waiting');
    this.#unfinished.push(task);
    this.#claim(task, claims);
    this.#consider(id);
    this.#settle();
  }

  /** Whether what a subtask claims is locked by its parent already. */
  coveredBy(parentId: number, claims: readonly Claim[]): boolean {
    const parent = this.#running(parentId);
    return claims.every((claim) => {
      const { resource, mode } = normalised(claim);
      const node = this.#graph.find(resource);
      return node !== undefined && isCovered(parent, node, mode);
    });
  }

  /**
   * Puts a subtask in line among its siblings; those that conflict run in order. What its parent
   * has not locked is locked now, in the parent's name, until the subtask ends.
   *
   * @throws RpcException EBUSY naming what is neither the parent's nor free; then nothing happened
   */
  admitSubtask(parentId: number, id: number, claims: readonly Claim[]): void {
    const parent = this.#running(parentId);
    const borrowed = borrowLocks({
      parent,
      wanted: claims.map(normalised),
      find: (name) => this.#graph.find(name),
      tableOf: (task) => this.#tableOf(task),
    });
    const task = this.#enter(id, parent);
    parent.subtaskLocks ??= this.#openSubtaskLocks();
    parent.adopt(task);
    for (const { table, claim } of borrowed) table.lay(claim);
    task.borrowed = borrowed;
    task.enter('waiting');
    this.#claim(task, claims);
    this.#consider(id);
    this.#settle();
  }

  /**
   * The task ended, or never will run: its locks and its place are free, and so are those of
   * subtasks it left behind. An unknown id is nobody's.
   */
  release(id: number): void {
    const task = this.#tasks.get(id);
    if (task === undefined) return;
    this.#end(task);
    this.#graph.sweep();
    this.#settle();
  }

  /** Every reason why a task waits; none for one that does not. */
  explain(id: number): WaitReason[] {
    const task = this.#tasks.get(id);
    if (task?.state !== 'waiting') return [];
    return reasonsOf(task, this.#tableOf(task));
  }

  /** Every resource with who has it locked (through whichever claim) and who waits in line for it. */
  listResources(): ResourceRow[] {
    return listResources(this.#graph, this.#table);
  }

  #enter(id: number, parent: ScheduledTask | null): ScheduledTask {
    if (this.#tasks.has(id)) throw new Error(`Task ${id} is in the scheduler already`);
    this.#order += 1;
    const task = new ScheduledTask(id, this.#order, parent);
    this.#tasks.set(id, task);
    return task;
  }

  #running(id: number): ScheduledTask {
    const task = this.#tasks.get(id);
    if (task?.isRunning !== true) throw new Error(`Task ${id} is not running`);
    return task;
  }

  #tableOf({ parent }: ScheduledTask): LockTable {
    return parent?.subtaskLocks ?? this.#table;
  }

  #openSubtaskLocks(): LockTable {
    const locks = new LockTable(this.#observer);
    this.#locksOfSubtasks.add(locks);
    return locks;
  }

  #claim(task: ScheduledTask, wanted: readonly Claim[]): void {
    task.claims = wanted.map((each) => {
      const { resource, mode } = normalised(each);
      return new LockClaim(task, mode, resource);
    });
    for (const claim of task.claims) {
      const node = this.#graph.find(claim.missingName);
      if (node === undefined) this.#missing.add(task, claim);
      else this.#bind(task, claim, node);
    }
  }

  #bind(task: ScheduledTask, claim: LockClaim, node: ResourceNode): void {
    claim.hangAt(node);
    this.#tableOf(task).lay(claim);
  }

  #vanished(claim: LockClaim): void {
    const task = this.#tasks.get(claim.holder.id);
    if (task === undefined) return;
    this.#missing.add(task, claim);
    // it was admitted on locks that no longer stand for anything, and must not wait for others
    if (task.parent !== null) this.#stranded.push(task);
  }

  #named(node: ResourceNode): void {
    for (const { task, claim } of this.#missing.take(node.name)) {
      if (task.parent !== null) continue; // stranded
      this.#bind(task, claim, node);
      this.#consider(task.id);
    }
  }

  #consider(id: number): void {
    const task = this.#tasks.get(id);
    if (task?.mayStart === true) this.#ready.push(task);
  }

  #settle(): void {
    for (let task = this.#stranded.pop(); task !== undefined; task = this.#stranded.pop()) {
      if (task.state !== 'waiting') continue;
      this.#fail(task);
      this.#graph.sweep();
    }
    do this.#startReady();
    while (this.#failFirst());
    this.#tell();
  }

  /** Tasks that may start do not conflict with each other: of two, the later would be blocked. */
  #startReady(): void {
    while (this.#ready.length > 0) {
      const ready = this.#ready.sort((a, b) => a.order - b.order);
      this.#ready = [];
      for (const task of ready) if (task.mayStart) this.#start(task);
    }
  }

  #start(task: ScheduledTask): void {
    task.enter('running');
    const table = this.#tableOf(task);
    for (const claim of task.claims) table.grant(claim);
    this.#outcomes.push({ kind: 'started', task: task.id });
  }

  /** Only the first of all can have nobody before it that may still make what it misses. */
  #failFirst(): boolean {
    const { first } = this.#unfinished;
    if (first?.state !== 'waiting' || first.missing === 0) return false;
    const announced = this.#announced.first;
    if (announced !== null && announced.submitted < first.submitted) return false;
    this.#fail(first);
    return true;
  }

  #fail(task: ScheduledTask): void {
    const names = task.claims.filter(({ anchors }) => anchors.length === 0).map(({ name }) => name);
    const resources = [...new Set(names)].join(', ');
    this.#end(task);
    const error = coded('RESOURCES_MISSING', { resources });
    this.#outcomes.push({ kind: 'failed', task: task.id, error });
  }

  #end(task: ScheduledTask): void {
    for (const subtask of task.subtasks) this.#end(subtask);
    if (task.subtaskLocks !== null) this.#locksOfSubtasks.delete(task.subtaskLocks);
    const table = this.#tableOf(task);
    for (const claim of task.claims) {
      table.strip(claim);
      this.#missing.remove(claim);
    }
    for (const lock of task.borrowed) lock.table.strip(lock.claim);
    if (task.parent !== null) task.parent.disown(task);
    else if (task.state === 'announced') this.#announced.remove(task);
    else this.#unfinished.remove(task);
    task.enter('ended');
    this.#tasks.delete(task.id);
  }

  /** Outcomes go out when the books are in order, so whoever hears of one may call back. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#outcomes.shift(); next !== undefined; next = this.#outcomes.shift()) {
        this.#onOutcome(next);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #guard(): GraphGuard {
    return {
      check: (change) => {
        for (const table of this.#tables()) refuseContested(change, table);
      },
      follow: (change) => this.#follow(change),
      named: (node) => this.#named(node),
      isHeld: (node) => this.#table.isHeld(node),
      settle: () => this.#settle(),
    };
  }

  #follow(change: GraphChange): () => void {
    const afters = [...this.#tables()].map((table) => table.follow(change));
    return () => {
      for (const after of afters) after();
    };
  }

  *#tables(): Generator<LockTable> {
    yield this.#table;
    yield* this.#locksOfSubtasks;
  }
}

function normalised(claim: Claim): { readonly resource: string; readonly mode: LockMode } {
  return typeof claim === 'string' ? { resource: claim, mode: 'exclusive' } : claim;
}
