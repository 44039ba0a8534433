import { durationOf, secondsBetween } from '../../parts/time.js';
import type { TaskRow } from '../../state/tasks.js';

/** How long it has run; how long it has waited, before that. */
export function tookOf(row: TaskRow, now: Date): string {
  const ran = secondsBetween(row.started_at, row.finished_at, now);
  if (ran !== null) return durationOf(ran);
  const waited = secondsBetween(row.created_at, row.finished_at, now);
  return waited === null ? '–' : `${durationOf(waited)} waiting`;
}
