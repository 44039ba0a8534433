import { call } from '../../connection/session.js';
import type { Json } from '../../forms/index.js';
import type { LOG_RECORD, REPLAY } from '../../../src/wire/index.js';
import { momentOf } from '../../parts/time.js';
import { history } from '../../state/calls.js';
import { may } from '../../state/rights.js';
import type { Shown } from '../../state/shown.js';
import { readTask, type TaskRow } from '../../state/tasks.js';

type LogLine = Shown<typeof LOG_RECORD>;

/** One thing that happened because of the same. */
export interface Step {
  readonly at: Date | null;
  readonly kind: 'log' | 'event' | 'task' | 'call';
  readonly title: string;
  /** A level or a state, as a word. */
  readonly mark: string;
  readonly detail: Json | null;
  readonly link?: { readonly page: 'tasks' | 'calls'; readonly item: string };
}

export interface Trail {
  /** What it all came of; null when no line that is still kept says so. */
  readonly cause: string | null;
  readonly steps: readonly Step[];
  /** Sources that could not be asked, with the reason. */
  readonly left: readonly string[];
  /** Older events are no longer kept. */
  readonly hasGap: boolean;
}

const CAUSE = /^[0-9a-f]{32}$/;
const MAX_TASKS = 200;

/**
 * Everything that bears an id: the number of a task, the reference of an error, or the cause of both.
 * What one source may not be asked for is told, and the others are shown.
 */
export async function readTrail(id: string, stop: AbortSignal): Promise<Trail> {
  const left: string[] = [];
  const ask = async <T>(method: string, args: readonly unknown[], none: T): Promise<T> => {
    if (!may(method)) {
      left.push(`${method} is not for you`);
      return none;
    }
    try {
      return await call<T>(method, args, stop);
    } catch (error) {
      if (!stop.aborted) left.push(`${method}: ${(error as Error).message}`);
      return none;
    }
  };
  const task = /^\d+$/.test(id) ? await readTask(Number(id), stop).catch(() => null) : null;
  const named = await ask<LogLine[]>('log.recent', [{ text: id, tail: 1_000 }], []);
  const cause = CAUSE.test(id) ? id : (task?.cause ?? causeOf(named));
  if (cause === null) return { cause, steps: inOrder(stepsOf([], named, id)), left, hasGap: false };
  const [lines, tasks, replay] = await Promise.all([
    ask<LogLine[]>('log.recent', [{ text: cause, tail: 1_000 }], []),
    ask<TaskRow[]>('task.query', [[['cause', '=', cause]], { sort: ['id'], limit: MAX_TASKS }], []),
    ask<Shown<typeof REPLAY> | null>('event.because_of', [cause], null),
  ]);
  const rows = task === null || tasks.some((row) => row.id === task.id) ? tasks : [task, ...tasks];
  const events = (replay?.events ?? []).map(eventStep);
  const steps = [...stepsOf(rows, task === null ? merged(named, lines) : lines, id), ...events];
  return { cause, steps: inOrder(steps), left, hasGap: replay?.gap === true };
}

function causeOf(lines: readonly LogLine[]): string | null {
  const found = lines.map(({ fields }) => fields['cause']).find(Boolean);
  return typeof found === 'string' ? found : null;
}

function merged(some: readonly LogLine[], others: readonly LogLine[]): LogLine[] {
  return [...new Map([...some, ...others].map((line) => [JSON.stringify(line), line])).values()];
}

function stepsOf(rows: readonly TaskRow[], lines: readonly LogLine[], id: string): Step[] {
  const calls = history.value
    .filter(({ said = '' }) => said.includes(id))
    .map((past): Step => {
      const at = new Date(past.atMs);
      const link = { page: 'calls', item: past.method } as const;
      const title = `called in this window: ${past.said ?? ''}`;
      return { at, kind: 'call', title, mark: past.method, detail: past.args, link };
    });
  return [...calls, ...rows.flatMap(taskSteps), ...lines.map(logStep)];
}

function logStep({ time, level, component, message, fields }: LogLine): Step {
  const title = `${component}: ${message}`;
  return { at: momentOf(time), kind: 'log', title, mark: level, detail: fields };
}

function eventStep({ name, args }: Shown<typeof REPLAY>['events'][number]): Step {
  const given = args;
  const at = momentOf(given['timestamp']);
  return { at, kind: 'event', title: name, mark: '', detail: given };
}

function taskSteps(row: TaskRow): Step[] {
  const link = { page: 'tasks', item: String(row.id) } as const;
  const step = (time: Json, mark: string, detail: Json | null = null): Step[] => {
    const at = momentOf(time);
    const title = `task ${row.id} ${row.name}`;
    return at === null ? [] : [{ at, kind: 'task', title, mark, detail, link }];
  };
  return [
    ...step(row.created_at, 'submitted', row.args),
    ...step(row.started_at, 'started'),
    ...step(row.rollback_at, 'rolled back'),
    ...step(row.finished_at, row.state.toLowerCase(), row.error),
  ];
}

/** By time; what has none comes after what it came with. */
function inOrder(steps: readonly Step[]): Step[] {
  return steps.toSorted((a, b) => (a.at?.getTime() ?? Infinity) - (b.at?.getTime() ?? Infinity));
}
