import { createHash } from 'node:crypto';

/** What came of the latest time: a task, or the reason why there is none. */
export interface LastRun {
  readonly task_id: number | null;
  readonly state: string;
  readonly at: Date;
  readonly error: string | null;
}

/** A row of the collection `schedules`. */
export interface StoredSchedule {
  readonly id: number;
  readonly name: string;
  readonly owner: string;
  /** By which API key what it does was last said; its tasks may do what the key may. */
  readonly api_key?: string | null;
  readonly enabled: boolean;
  readonly cron: string;
  readonly timezone: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly catch_up: 'once' | 'none';
  readonly jitter_s: number;
  readonly overlap: 'skip' | 'queue';
  readonly last: LastRun | null;
  /** The next time that the line names; null while it is off. */
  readonly next_at: Date | null;
  /** A time whose task is being submitted: written before, so that it is done once whatever happens. */
  readonly firing: Date | null;
  /** A time that waits until the last run has ended. */
  readonly queued: Date | null;
}

/** When its task is submitted: the same for the same time, also after a restart. */
export function startOf({ id, jitter_s }: StoredSchedule, due: Date): number {
  if (jitter_s === 0) return due.getTime();
  const digest = createHash('sha256').update(`${id}:${due.toISOString()}`).digest();
  return due.getTime() + (digest.readUInt32BE() % (jitter_s * 1_000));
}
