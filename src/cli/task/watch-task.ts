import { Errno, type TaskRow } from '../../client/index.js';
import { onAbort } from '../../common/portable.js';
import type { CommandIo } from '../command.js';
import { CommandError, EXIT, FailedTaskError, InterruptedError } from '../exit-status.js';
import { printable } from '../output/index.js';
import type { Session } from '../session/index.js';
import { ProgressLine } from './progress-line.js';
import { TaskLine } from './task-line.js';

export interface WatchOptions {
  readonly io: CommandIo;
  /** What ^C does: the submitter's ends the task, a bystander's only the watching. */
  readonly onInterrupt: 'abort' | 'leave';
  /** Asked before a task is aborted; absent: nobody is asked. */
  readonly confirm?: () => Promise<boolean>;
}

const ABORT_LIMIT_MS = 10_000;

/**
 * Follows a task to its end, with its progress on a terminal.
 *
 * @returns its row, FINISHED
 * @throws CommandError 1 with code and message of a task that failed, 6 of one that somebody else aborted;
 *   InterruptedError at ^C
 */
export async function watchTask(...watch: Parameters<typeof watchToEnd>): Promise<TaskRow> {
  return finished(await watchToEnd(...watch));
}

/**
 * The same, whatever end it is.
 *
 * @throws InterruptedError at ^C
 */
export async function watchToEnd(
  session: Session,
  id: number,
  { io, onInterrupt, confirm }: WatchOptions,
): Promise<TaskRow> {
  const line = new ProgressLine(io);
  const ours = { hasAborted: false };
  const row = await follow(session, id, {
    line,
    io,
    interrupted: async () => {
      line.clear();
      if (onInterrupt === 'leave' || !(await isConfirmed(confirm))) {
        io.notices.write(`Task ${id} goes on: dispatcherctl task wait ${id}\n`);
        return false;
      }
      ours.hasAborted = await session.client.tasks.abort(id, { timeoutMs: ABORT_LIMIT_MS });
      return true;
    },
  });
  for (const { message } of row.warnings) io.notices.write(`warning: ${printable(message)}\n`);
  if (ours.hasAborted && row.state === 'ABORTED') throw new InterruptedError();
  // a program that reads the error has the number from elsewhere
  if (row.state === 'FAILED' && io.notices.isTTY === true)
    io.notices.write(`Task ${id} has failed\n`);
  return row;
}

async function isConfirmed(confirm: WatchOptions['confirm']): Promise<boolean> {
  if (confirm === undefined) return true;
  try {
    return await confirm();
  } catch {
    return true; // a second ^C is an answer
  }
}

interface Following {
  readonly line: ProgressLine;
  readonly io: CommandIo;
  /** Resolves with whether the end of the task is waited for. */
  readonly interrupted: () => Promise<boolean>;
}

async function follow(
  session: Session,
  id: number,
  { line, io, interrupted }: Following,
): Promise<TaskRow> {
  const { client, signal } = session;
  const stop = new AbortController();
  const onSignal = (): void => {
    if (!io.interrupt.aborted) {
      stop.abort(signal.reason);
      return;
    }
    interrupted().then(
      (waits) => waits || stop.abort(new InterruptedError()),
      (error: unknown) => stop.abort(error),
    );
  };
  const forget = onAbort(signal, onSignal);
  const shown = new TaskLine(session, id, line);
  try {
    for await (const update of client.tasks.follow(id, { signal: stop.signal })) {
      if (update.kind === 'ended') return update.row;
      if (!io.interrupt.aborted) shown.show(update);
    }
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    forget();
    shown.close();
  }
  throw new CommandError(EXIT.unreachable, `Task ${id} could not be followed to its end`);
}

/** The row of a task that has ended. @throws CommandError for one that did not finish */
export function finished(row: TaskRow): TaskRow {
  const { id, name, state, error } = row;
  if (state === 'FINISHED') return row;
  if (state === 'ABORTED') throw new CommandError(EXIT.aborted, `Task ${id} (${name}) was aborted`);
  const { code = Errno.EFAULT, message = `Task ${id} failed`, extra = null } = error ?? {};
  throw new FailedTaskError(code, message, extra);
}
