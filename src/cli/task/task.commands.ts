import type { Explanation } from '../../wire/index.js';
import type { Invocation } from '../command.js';
import { EXIT, UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import { queryFilter } from '../discovery/query-filter.js';
import { taskId } from './task-id.js';
import { taskLog, taskLogText } from './task-log.js';
import { explanationText } from './wait-reasons.js';
import { watchTask } from './watch-task.js';

const COLUMNS = ['id', 'name', 'state', 'user', 'created_at', 'finished_at'];
const DEFAULT_LIMIT = 50;

/** Lists tasks, the newest first. */
export async function listTasks(invocation: Invocation): Promise<undefined> {
  const { operands, options } = invocation;
  const limit = limitOf(options.text('limit'));
  await onServer(invocation, async (session, printer) => {
    const filter = await queryFilter(session, 'task.query', operands);
    const rows = await session.call('task.query', [filter, { sort: '-id', limit }]);
    await printer.print(rows, { columns: COLUMNS });
  });
}

function limitOf(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--limit: a number of rows, got ${JSON.stringify(text)}`);
}

export async function showTask(invocation: Invocation): Promise<undefined> {
  const id = taskId(invocation.operands[0] ?? '');
  await onServer(invocation, async (session, printer) => {
    await printer.print(await session.call('task.status', [id]));
  });
}

/** Waits for the end of a task and prints its result; ^C ends the waiting, not the task. */
export async function waitForTask(invocation: Invocation): Promise<undefined> {
  const { operands, io } = invocation;
  const id = taskId(operands[0] ?? '');
  await onServer(invocation, async (session, printer) => {
    const { result } = await watchTask(session, id, { io, onInterrupt: 'leave' });
    if (result === null && io.output.isTTY === true) io.notices.write(`Task ${id} has finished\n`);
    else await printer.print(result, { piped: 'json' });
  });
}

/** @returns 1 when one of them had ended already */
export async function abortTasks(invocation: Invocation): Promise<number> {
  const ids = invocation.operands.map(taskId);
  const { notices } = invocation.io;
  return onServer(invocation, async ({ call }) => {
    let status: number = EXIT.done;
    for (const id of ids) {
      if (await call<boolean>('task.abort', [id])) continue;
      notices.write(`Task ${id} cannot be aborted any more: it has ended, or cannot be stopped\n`);
      status = EXIT.failed;
    }
    return status;
  });
}

/** Every reason why a task waits, and how long it was where. */
export async function explainTask(invocation: Invocation): Promise<undefined> {
  const id = taskId(invocation.operands[0] ?? '');
  const { output } = invocation.io;
  await onServer(invocation, async (session, printer) => {
    const explanation = await session.call<Explanation>('task.explain', [id]);
    if (printer.isForPeople) output.write(explanationText(explanation));
    else await printer.print(explanation);
  });
}

/** What a task printed, and the lines of the server's log that are about it. */
export async function showTaskLog(invocation: Invocation): Promise<undefined> {
  const id = taskId(invocation.operands[0] ?? '');
  const { output, notices } = invocation.io;
  await onServer(invocation, async (session, printer) => {
    const log = await taskLog(session.call, id, (text) => notices.write(text));
    if (printer.asked !== null) {
      await printer.print(log.lines);
      return;
    }
    const text = taskLogText(log);
    if (text === '') notices.write('(none)\n');
    else output.write(text);
  });
}
