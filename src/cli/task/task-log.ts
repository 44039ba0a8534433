import type { TaskRow } from '../../client/index.js';
import { Errno } from '../../client/index.js';
import { isDispatcherError } from '../../common/portable.js';
import type { LogRecord } from '../../wire/index.js';
import { printable, printableLines } from '../output/index.js';

const LOG_TAIL = 1_000;

/** What a task printed, and the lines of the server's log that are about it. */
export interface TaskLog {
  /** Null: it ran in the server, or printed nothing. */
  readonly output: string | null;
  readonly lines: readonly LogRecord[];
}

/** @param tell - is told why there are no lines for who may not read the log */
export async function taskLog(
  call: (method: string, args: readonly unknown[]) => Promise<unknown>,
  id: number,
  tell: (text: string) => void,
): Promise<TaskLog> {
  const { output, cause } = (await call('task.status', [id])) as TaskRow;
  try {
    const lines = (await call('log.recent', [{ tail: LOG_TAIL }])) as readonly LogRecord[];
    const isAbout = ({ fields }: LogRecord): boolean =>
      fields['task'] === id || (cause !== null && fields['cause'] === cause);
    return { output, lines: lines.filter(isAbout) };
  } catch (error) {
    if (!isDispatcherError(error) || error.code !== Errno.EACCES) throw error;
    tell('The log of the server is for administrators\n');
    return { output, lines: [] };
  }
}

/** For people; empty when there is nothing. */
export function taskLogText({ output, lines }: TaskLog): string {
  const printed = output === null ? '' : `${printableLines(output.trimEnd())}\n`;
  return printed + lines.map((line) => `${lineText(line)}\n`).join('');
}

const lineText = ({ time, level, component, message }: LogRecord): string =>
  printable(`${time} ${level.padEnd(5)} ${component}: ${message}`);
