import { readFileSync } from 'node:fs';
import type { History } from './history.js';
import type { Mark } from './plugin.js';

interface Row {
  readonly id: number;
  readonly state: string;
}

/** When nodes may have lost what they ran, by the clock of the marks. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

export function marksOf(file: string): readonly Mark[] {
  const text = readFileSync(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Mark];
      } catch {
        return []; // cut off by a kill
      }
    });
}

/** What must hold of the store, the files and what clients were told, once all is at peace. */
export function judge(
  history: History,
  rows: readonly Row[],
  marks: readonly Mark[],
  outages: readonly Outage[],
): void {
  const stored = new Map(rows.map(({ id, state }) => [id, state]));
  for (const { id } of history.submitted) {
    if (!stored.has(id)) history.violate(`task ${id} was acknowledged and is not there`);
  }
  for (const [id, end] of history.ends) {
    const state = stored.get(id);
    if (state !== undefined && state !== end) {
      history.violate(`task ${id} was told to be ${end} and is ${state}`);
    }
  }
  for (const { id, state } of rows) {
    if (!['FINISHED', 'FAILED', 'ABORTED'].includes(state)) {
      history.violate(`task ${id} is still ${state}`);
    }
  }
  judgeRuns(history, stored, marks);
  judgeOverlaps(history, marks, outages);
}

/** The class asks for no second run: one begin each, and an end where it finished. */
function judgeRuns(
  history: History,
  stored: ReadonlyMap<number, string>,
  marks: readonly Mark[],
): void {
  const begun = countOf(marks, 'begin');
  const ended = countOf(marks, 'end');
  for (const [task, count] of begun) {
    if (count > 1) history.violate(`task ${task} began ${count} times`);
  }
  for (const [task, state] of stored) {
    const count = ended.get(task) ?? 0;
    if (state === 'FINISHED' && count !== 1) {
      history.violate(`task ${task} is FINISHED and ended ${count} times`);
    }
  }
}

function countOf(marks: readonly Mark[], what: Mark['what']): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const mark of marks) {
    if (mark.what === what) counts.set(mark.task, (counts.get(mark.task) ?? 0) + 1);
  }
  return counts;
}

/** Two runs that claim the same never overlap, but for what a lost node had not ended yet. */
function judgeOverlaps(history: History, marks: readonly Mark[], outages: readonly Outage[]): void {
  const isExcused = (at: number): boolean => outages.some(({ from, to }) => at >= from && at <= to);
  const holders = new Map<string, Mark>();
  for (const mark of [...marks].sort((a, b) => a.at - b.at || (a.what === 'end' ? -1 : 1))) {
    const { resource, task, what, at } = mark;
    const holder = holders.get(resource);
    if (what === 'end') {
      if (holder?.task === task) holders.delete(resource);
      continue;
    }
    if (holder !== undefined && holder.task !== task) {
      const ended = marks.find((other) => other.what === 'end' && other.task === holder.task);
      // without an end it was cut off when its node was
      if (ended !== undefined && !isExcused(at) && !isExcused(holder.at)) {
        history.violate(`tasks ${holder.task} and ${task} both had ${resource} at ${at}`);
      }
    }
    holders.set(resource, mark);
  }
}
