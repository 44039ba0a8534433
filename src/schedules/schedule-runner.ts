import { Errno, isDispatcherError, messageOf } from '../common/index.js';
import type { Doer } from '../auth/index.js';
import type { Clock } from '../events/index.js';
import type { Logger, Sender } from '../sdk/index.js';
import type { SubmitRequest } from '../tasks/index.js';
import { CronLine } from './cron.js';
import type { ScheduleStore } from './schedule-store.js';
import { type LastRun, startOf, type StoredSchedule } from './stored-schedule.js';

/** The clock on the wall may be put forward or back: it is looked at this often. */
const LOOK_MS = 30_000;
/** A run that begins later than that was missed. */
const LATE_MS = 60_000;
/** How soon what the store or the engine refused is tried again. */
const RETRY_MS = 10_000;

export interface RunnerPorts {
  readonly store: ScheduleStore;
  readonly clock: Clock;
  /** The time on the wall. */
  readonly now: () => Date;
  readonly tasks: {
    submit(request: SubmitRequest): Promise<number>;
    /** Resolves with the row when the task has ended. */
    wait(id: number, signal: AbortSignal): Promise<{ readonly state: string }>;
  };
  /** The owner with the rights of now; null when there is no such user, it is locked, or its key has ended. */
  readonly senderOf: (doer: Doer) => Sender | null;
  readonly publish: (event: string, args: Record<string, unknown>) => void;
  readonly logger: Logger;
}

/**
 * Submits the tasks of schedules when their times come, each time once. Before a task is submitted its
 * time is written down; after a crash it is submitted under the same key, which gives the task that
 * there is.
 */
export class ScheduleRunner {
  #stopped = new AbortController();
  readonly #lines = new Map<string, CronLine>();
  readonly #followed = new Set<number>();
  #cancel: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();
  #lastLook = Number.NEGATIVE_INFINITY;
  #isRunning = false;

  constructor(private readonly ports: RunnerPorts) {}

  /**
   * Takes up what was left, and what passed meanwhile.
   *
   * @param when - `start` after the server was down: what was due then was missed, however short it was
   */
  async start(when: 'start' | 'running' = 'start'): Promise<void> {
    this.#stopped = new AbortController();
    this.#isRunning = true;
    for (const { last } of this.ports.store.all()) {
      if (last?.task_id != null && !hasEnded(last)) this.#follow(last.task_id);
    }
    await this.#look(when);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    this.#stopped.abort();
    await this.#round;
  }

  /** The next time of a line after now. @throws RpcException EINVAL */
  nextOf({ cron, timezone }: Pick<StoredSchedule, 'cron' | 'timezone'>): Date | null {
    return this.#line(cron, timezone).after(this.ports.now());
  }

  /** A schedule came or became another. */
  changed(): void {
    this.#cancel();
    void this.#look('running');
  }

  /** @throws (rejects with) RpcException why there is no task */
  async runNow(schedule: StoredSchedule): Promise<number> {
    const id = await this.#submit(schedule, null);
    await this.#noteRun(schedule.id, id);
    return id;
  }

  /** One look after the other. Never rejects. */
  #look(when: 'start' | 'running'): Promise<void> {
    this.#round = this.#round.then(async () => {
      if (!this.#isRunning) return;
      this.#wait(await this.#lookAtAll(when));
    });
    return this.#round;
  }

  #wait(ms: number): void {
    this.#cancel();
    if (!this.#isRunning) return;
    this.#cancel = this.ports.clock.after(ms, () => void this.#look('running'));
  }

  async #lookAtAll(when: 'start' | 'running'): Promise<number> {
    const now = this.ports.now().getTime();
    const isSetBack = now < this.#lastLook;
    this.#lastLook = now;
    let waitMs = LOOK_MS;
    for (const { id } of this.ports.store.all()) {
      try {
        if (isSetBack) await this.#planAnew(id);
        await this.#finishSubmit(id);
        const next = await this.#whenDue(id, { now, when });
        if (next !== null) waitMs = Math.min(waitMs, Math.max(0, next - now));
      } catch (error) {
        waitMs = Math.min(waitMs, RETRY_MS); // the others need not wait for it
        this.ports.logger.error(`Schedule ${id} is held up: ${messageOf(error)}`, { error });
      }
    }
    return waitMs;
  }

  /** The clock was set back: what it will show again is not waited for, but what comes next from here. */
  async #planAnew(id: number): Promise<void> {
    const row = this.ports.store.get(id);
    if (row?.next_at == null) return;
    const next = this.nextOf(row);
    if (next !== null && next < row.next_at) await this.ports.store.update(id, { next_at: next });
  }

  /** A time was written down and perhaps not submitted: the server ended in between. */
  async #finishSubmit(id: number): Promise<void> {
    const row = this.ports.store.get(id);
    if (row?.firing != null) await this.#fire(row, row.firing);
  }

  /** Does what is due; gives the moment of the next. */
  async #whenDue(
    id: number,
    { now, when }: { readonly now: number; readonly when: 'start' | 'running' },
  ): Promise<number | null> {
    const row = this.ports.store.get(id);
    if (row?.next_at == null || !row.enabled) return null;
    const due = row.next_at;
    if (startOf(row, due) > now) return startOf(row, due);
    const isMissed = when === 'start' || now - startOf(row, due) > LATE_MS;
    if (isMissed) await this.#missed(row, due);
    else await this.#due(row, due, this.#line(row.cron, row.timezone).after(due));
    const after = this.ports.store.get(id);
    return after?.next_at == null ? null : startOf(after, after.next_at);
  }

  /** Times passed without the server: they are one run, or none. */
  async #missed(row: StoredSchedule, due: Date): Promise<void> {
    const next = this.nextOf(row);
    if (row.catch_up === 'once') {
      await this.#due(row, due, next);
      return;
    }
    await this.ports.store.update(row.id, { next_at: next });
    this.#tellMissed(row, due, 'down');
  }

  async #due(row: StoredSchedule, due: Date, next: Date | null): Promise<void> {
    const isBusy = row.last !== null && row.last.task_id !== null && !hasEnded(row.last);
    if (isBusy && (row.overlap === 'skip' || row.queued !== null)) {
      await this.ports.store.update(row.id, { next_at: next });
      this.#tellMissed(row, due, 'overlap');
    } else if (isBusy) {
      await this.ports.store.update(row.id, { next_at: next, queued: due });
    } else {
      const noted = await this.ports.store.update(row.id, { next_at: next, firing: due });
      if (noted !== null) await this.#fire(noted, due);
    }
  }

  async #fire(row: StoredSchedule, due: Date): Promise<void> {
    try {
      await this.#noteRun(row.id, await this.#submit(row, due), { firing: null });
    } catch (error) {
      if (!isFinal(error)) throw error; // the store is away: the time stays written down
      const at = this.ports.now();
      const last = { task_id: null, state: 'FAILED', at, error: messageOf(error) };
      this.ports.logger.warn(`Schedule ${row.name} has no task: ${messageOf(error)}`, { due });
      await this.ports.store.update(row.id, { last, firing: null });
      this.#tellChanged(row.id);
    }
  }

  /** As the owner, whose rights are judged now, where those of every submit are. */
  async #submit(row: StoredSchedule, due: Date | null): Promise<number> {
    const sender = this.ports.senderOf(row);
    if (sender === null) throw new OwnerGone(row.owner);
    const key = due === null ? {} : { idempotencyKey: `schedule:${row.id}:${due.toISOString()}` };
    return this.ports.tasks.submit({
      ...{ name: row.task, args: row.args, sender },
      environment: { ...row.environment, ...key },
    });
  }

  async #noteRun(id: number, task: number, more: Partial<StoredSchedule> = {}): Promise<void> {
    const last = { task_id: task, state: 'CREATED', at: this.ports.now(), error: null };
    await this.ports.store.update(id, { ...more, last });
    this.#tellChanged(id);
    this.#follow(task);
  }

  #follow(task: number): void {
    if (this.#followed.has(task)) return;
    this.#followed.add(task);
    this.ports.tasks
      .wait(task, this.#stopped.signal)
      .then(
        ({ state }) => this.#ended(task, state),
        (error: unknown) => (isGone(error) ? this.#ended(task, 'UNKNOWN') : undefined),
      )
      .catch((error: unknown) => {
        if (this.#isRunning)
          this.ports.logger.error(`The end of a scheduled task is not noted: ${messageOf(error)}`);
      })
      .finally(() => this.#followed.delete(task));
  }

  async #ended(task: number, state: string): Promise<void> {
    for (const { id, last } of this.ports.store.all()) {
      if (last?.task_id !== task || !this.#isRunning) continue;
      const { queued = null } = this.ports.store.get(id) ?? {};
      const next = queued === null ? {} : { queued: null, firing: queued };
      await this.ports.store.update(id, { last: { ...last, state }, ...next });
      this.#tellChanged(id);
      if (queued !== null) this.changed();
    }
  }

  #line(cron: string, timezone: string): CronLine {
    const key = `${timezone} ${cron}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = new CronLine(cron, timezone);
    if (this.#lines.size >= MAX_LINES) this.#lines.clear();
    this.#lines.set(key, line);
    return line;
  }

  #tellChanged(id: number): void {
    this.ports.publish('schedule.changed', { operation: 'update', ids: [id] });
  }

  #tellMissed({ id, name }: StoredSchedule, due: Date, reason: 'down' | 'overlap'): void {
    this.ports.publish('schedule.missed', { id, name, due_at: due, reason });
    this.#tellChanged(id);
  }
}

/** More than there may be schedules. */
const MAX_LINES = 2_000;

class OwnerGone extends Error {
  constructor(owner: string) {
    super(`User ${owner}, whose schedule it is, is not there any more or is locked`);
  }
}

const ENDED = new Set(['FINISHED', 'FAILED', 'ABORTED', 'UNKNOWN']);
const hasEnded = ({ state }: Pick<LastRun, 'state'>): boolean => ENDED.has(state);

const isGone = (error: unknown): boolean => isDispatcherError(error) && error.code === Errno.ENOENT;

/** Whether trying again would change nothing: not so when the store or the server is in trouble. */
function isFinal(error: unknown): boolean {
  if (error instanceof OwnerGone) return true;
  const passing: readonly number[] = [Errno.EIO, Errno.ENOSPC, Errno.EBUSY, Errno.ECANCELED];
  return isDispatcherError(error) && !passing.includes(error.code);
}
