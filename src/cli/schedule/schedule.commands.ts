import { boundArguments, withArgumentNames } from '../call/bound-arguments.js';
import type { Invocation } from '../command.js';
import { methodSignature, taskSignature } from '../discovery/signature.js';
import { UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import { readArguments } from '../values/index.js';

const COLUMNS = ['id', 'name', 'enabled', 'cron', 'timezone', 'task', 'next_at', 'last'];

export async function listSchedules(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async (session, printer) => {
    const rows = await session.call('schedule.query', [null, { sort: 'id' }]);
    await printer.print(rows, { columns: COLUMNS });
  });
}

export async function showSchedule(invocation: Invocation): Promise<undefined> {
  const id = scheduleId(invocation);
  await onServer(invocation, async (session, printer) => {
    const rows = await session.call<readonly unknown[]>('schedule.query', [[['id', '=', id]]]);
    if (rows[0] === undefined) throw new Error(`There is no schedule ${id}`);
    await printer.print(rows[0]);
  });
}

/** Makes a schedule of the task and the arguments behind its name; prints its number. */
export async function createSchedule(invocation: Invocation): Promise<undefined> {
  const { operands, options } = invocation;
  const [name = '', cron = '', task = '', ...words] = operands;
  const written = readArguments(words);
  const timezone = options.text('timezone');
  const catchUp = options.text('catch-up');
  const overlap = options.text('overlap');
  const jitter = options.text('jitter');
  await onServer(invocation, async (session, printer) => {
    const { args, names } = await boundArguments(written, () => taskSignature(session, task));
    const given = {
      name,
      cron,
      task,
      args: Array.isArray(args) ? (args as readonly unknown[]) : [args],
      ...(timezone !== null && { timezone }),
      ...(catchUp !== null && { catch_up: catchUp }),
      ...(overlap !== null && { overlap }),
      ...(jitter !== null && { jitter_s: Number(jitter) }),
      ...(options.has('disabled') && { enabled: false }),
    };
    const id = await withArgumentNames(['', ...names], () =>
      session.call('schedule.create', [given]),
    );
    await printer.print(id);
  });
}

/** Changes what is given as `key=value`. */
export async function updateSchedule(invocation: Invocation): Promise<undefined> {
  const id = scheduleId(invocation);
  const written = readArguments(invocation.operands);
  await onServer(invocation, async (session) => {
    const { args, names } = await boundArguments(written, () =>
      methodSignature(session, 'schedule.update'),
    );
    if (!Array.isArray(args) || args.length < 2)
      throw new UsageError('What is to change? key=value');
    await withArgumentNames(names, () => session.call('schedule.update', [id, args[1]]));
  });
}

export async function switchSchedule(invocation: Invocation): Promise<undefined> {
  const id = scheduleId(invocation);
  const enabled = invocation.command.name === 'enable';
  await onServer(invocation, async ({ call }) => {
    await call('schedule.update', [id, { enabled }]);
  });
}

export async function removeSchedule(invocation: Invocation): Promise<undefined> {
  const id = scheduleId(invocation);
  await onServer(invocation, async ({ call }) => {
    await call('schedule.remove', [id]);
  });
}

/** Submits the task of a schedule now, and prints the number of the task. */
export async function runSchedule(invocation: Invocation): Promise<undefined> {
  const id = scheduleId(invocation);
  await onServer(invocation, async (session, printer) => {
    await printer.print(await session.call('schedule.run_now', [id]));
  });
}

/** The next times of a line of cron. */
export async function previewSchedule(invocation: Invocation): Promise<undefined> {
  const [cron = '', zone = 'UTC', count = '5'] = invocation.operands;
  if (!/^\d{1,3}$/.test(count))
    throw new UsageError(`${JSON.stringify(count)} is no number of times`);
  await onServer(invocation, async (session, printer) => {
    await printer.print(await session.call('schedule.preview', [cron, zone, Number(count)]));
  });
}

/** @throws UsageError */
function scheduleId({ operands: [word = ''] }: Invocation): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new UsageError(`${JSON.stringify(word)} is no number of a schedule`);
}
