import {
  type DispatcherClient,
  Errno,
  type TaskRow,
  type TaskState,
  type TaskUpdate,
} from '../../client/index.js';
import { onAbort } from '../../common/portable.js';
import type { Explanation } from '../../wire/index.js';
import type { CommandIo } from '../command.js';
import { CommandError, EXIT, FailedTaskError, InterruptedError } from '../exit-status.js';
import { printable } from '../output/index.js';
import type { Session } from '../session/index.js';
import { ProgressLine, progressText } from './progress-line.js';
import { waitText } from './wait-reasons.js';

export interface WatchOptions {
  readonly io: CommandIo;
  /** What ^C does: the submitter's ends the task, a bystander's only the watching. */
  readonly onInterrupt: 'abort' | 'leave';
  /** Asked before a task is aborted; absent: nobody is asked. */
  readonly confirm?: () => Promise<boolean>;
}

const EXPLAIN_EVERY_MS = 1_000;
const ABORT_LIMIT_MS = 10_000;

/**
 * Follows a task to its end, with its progress on a terminal.
 *
 * @returns its row, FINISHED
 * @throws CommandError 1 with code and message of a task that failed, 6 of one that somebody else aborted;
 *   InterruptedError at ^C
 */
export async function watchTask(
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
  }).finally(() => line.clear());
  for (const { message } of row.warnings) io.notices.write(`warning: ${printable(message)}\n`);
  if (ours.hasAborted && row.state === 'ABORTED') throw new InterruptedError();
  return finished(row);
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
  const waiting = new WaitWatch(client, id, line);
  try {
    for await (const update of client.tasks.follow(id, { signal: stop.signal })) {
      if (update.kind === 'ended') return update.row;
      if (!line.isShown || io.interrupt.aborted) continue;
      show(update, { line, waiting });
    }
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    forget();
    waiting.stop();
  }
  throw new CommandError(EXIT.unreachable, `Task ${id} could not be followed to its end`);
}

function show(
  update: Exclude<TaskUpdate, { kind: 'ended' }>,
  { line, waiting }: { readonly line: ProgressLine; readonly waiting: WaitWatch },
): void {
  if (update.kind === 'progress') {
    if (!waiting.isWaiting) line.show(progressText(update.percentage, update.message));
    return;
  }
  if (isBeforeRun(update.state)) waiting.start();
  else {
    waiting.stop();
    line.show(progressText(null, update.state === 'ROLLBACK' ? 'rolling back' : null));
  }
}

const isBeforeRun = (state: TaskState): boolean => state === 'CREATED' || state === 'WAITING';

/** Asks why a task waits, for as long as it does. */
class WaitWatch {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: DispatcherClient,
    private readonly id: number,
    private readonly line: ProgressLine,
  ) {}

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  start(): void {
    if (this.isWaiting) return;
    this.#timer = setInterval(() => void this.#look(), EXPLAIN_EVERY_MS);
    void this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    try {
      const explanation = await this.client.call<Explanation>('task.explain', [this.id]);
      const text = waitText(explanation);
      if (this.isWaiting && text !== '') this.line.show(text);
    } catch {
      // the task is followed all the same
    }
  }
}

/** The row of a task that has ended. @throws CommandError for one that did not finish */
export function finished(row: TaskRow): TaskRow {
  const { id, name, state, error } = row;
  if (state === 'FINISHED') return row;
  if (state === 'ABORTED') throw new CommandError(EXIT.aborted, `Task ${id} (${name}) was aborted`);
  const { code = Errno.EFAULT, message = `Task ${id} failed`, extra = null } = error ?? {};
  throw new FailedTaskError(code, message, extra);
}
