import { setTimeout as sleep } from 'node:timers/promises';
import { h } from '../../../wire/builder/index.js';
import { accepts, description } from '../../../sdk/decorators/index.js';
import {
  CliPlugin,
  Command,
  command,
  CommandError,
  type CommandContext,
  Stage,
  stage,
  type StageContext,
} from '../../sdk/index.js';

type Client = CommandContext['client'];

interface Load {
  readonly averages: {
    readonly one_minute: number;
    readonly five_minutes: number;
    readonly fifteen_minutes: number;
  };
  readonly busy_percent: number;
}

interface Memory {
  readonly total_bytes: number;
  readonly available_bytes: number;
}

interface TaskRow {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly user: string | null;
  readonly progress: { readonly percentage: number | null; readonly message: string | null };
}

const MAX_TASKS = 50;
const BAR = 20;
const PERCENT = 100;
const ENDED = ['FINISHED', 'FAILED', 'ABORTED'];

interface Seen {
  readonly load: Load;
  readonly memory: Memory;
  readonly tasks: readonly TaskRow[];
}

@description('Load, memory and tasks, again and again, until q or ^C; once where nobody looks')
@command({ name: 'top', in: 'system', override: true })
@accepts(
  h.object({
    seconds: h.number({ description: 'Between two pictures', minimum: 0.2, default: 2 }),
  }),
)
class Top extends Command {
  async run({ seconds }: { readonly seconds: number }, { client, output, signal }: CommandContext) {
    if (!output.isTerminal) return summary(await look(client));
    const ended = new AbortController();
    output.onKey((key) => {
      if (key === 'q' || key === 'Q') ended.abort();
    });
    const either = AbortSignal.any([signal, ended.signal]);
    while (!either.aborted) {
      output.show(picture(await look(client), output.columns));
      await sleep(seconds * 1_000, undefined, { signal: either }).catch(() => undefined);
    }
    return undefined;
  }
}

async function look(client: Client): Promise<Seen> {
  const [load, memory, tasks] = await Promise.all([
    client.call<Load>('system.load'),
    client.call<Memory>('system.memory'),
    client.call<readonly TaskRow[]>('task.query', [
      [['state', 'nin', ENDED]],
      { sort: 'id', limit: MAX_TASKS },
    ]),
  ]);
  return { load, memory, tasks };
}

function summary({ load, memory, tasks }: Seen): object {
  return {
    load: load.averages,
    busy_percent: load.busy_percent,
    memory: { total_bytes: memory.total_bytes, available_bytes: memory.available_bytes },
    tasks: tasks.map(({ id, name, state, user, progress }) => ({
      id,
      name,
      state,
      user,
      percentage: progress.percentage,
    })),
  };
}

function picture({ load, memory, tasks }: Seen, columns: number): readonly string[] {
  const { one_minute: one, five_minutes: five, fifteen_minutes: fifteen } = load.averages;
  const used = memory.total_bytes - memory.available_bytes;
  const share = (used / memory.total_bytes) * PERCENT;
  const averages = [one, five, fifteen].map((value) => value.toFixed(2)).join(' ');
  return [
    `Load    ${bar(load.busy_percent)}  averages ${averages}`,
    `Memory  ${bar(share)}  ${gigabytes(used)} of ${gigabytes(memory.total_bytes)} GiB`,
    `Tasks   ${tasks.length === MAX_TASKS ? `${MAX_TASKS} and more` : tasks.length}`,
    '─'.repeat(Math.min(columns, 78)),
    ...tasks.map(taskLine),
    'q ends',
  ];
}

function bar(percent: number): string {
  const filled = Math.round((Math.min(Math.max(percent, 0), PERCENT) / PERCENT) * BAR);
  return `[${'#'.repeat(filled).padEnd(BAR)}] ${percent.toFixed(0).padStart(3)} %`;
}

const gigabytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

function taskLine({ id, name, state, user, progress }: TaskRow): string {
  const { percentage, message } = progress;
  const share = percentage === null ? '' : `${percentage.toFixed(0)} %`;
  const words = [String(id).padStart(6), name.padEnd(24), state.padEnd(10), share.padStart(5)];
  return [...words, user ?? '', message ?? ''].join(' ').trimEnd();
}

@description('The rows with the largest values of a property')
@stage('top')
@accepts(
  h.string({ description: 'The property' }),
  h.integer({ minimum: 1, maximum: 1_000, default: 10 }),
)
class TopRows extends Stage {
  async *run(property: string, count: number, { rows }: StageContext) {
    let largest: (readonly [number, unknown])[] = [];
    for await (const row of rows) {
      const value = numberIn(row, property);
      if (value === null) continue;
      largest.push([value, row]);
      if (largest.length > count * 2) largest = first(largest, count);
    }
    for (const [, row] of first(largest, count)) yield row;
  }
}

const first = (rows: readonly (readonly [number, unknown])[], count: number) =>
  [...rows].sort(([a], [b]) => b - a).slice(0, count);

/** @throws CommandError for rows that have no such property, or no number in it */
function numberIn(row: unknown, property: string): number | null {
  const isObject = typeof row === 'object' && row !== null && Object.hasOwn(row, property);
  const value = isObject ? (row as Readonly<Record<string, unknown>>)[property] : undefined;
  if (typeof value === 'number') return value;
  if (value === null) return null;
  throw new CommandError(USAGE, `top takes a property with numbers: ${property} has none`);
}

const USAGE = 2;

export const TOP = new CliPlugin({
  description: 'system top: load, memory and tasks; | top PROPERTY: the largest',
  commands: [Top],
  stages: [TopRows],
});
