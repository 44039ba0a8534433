import { isatty } from 'node:tty';
import { messageOf } from '../../common/index.js';
import type { DispatcherConfiguration } from '../../config/index.js';
import { UnixDatagrams } from '../../system/index.js';
import { ConsoleDestination } from './console.destination.js';
import { DatagramDestination } from './datagram.destination.js';
import { FileDestination } from './file.destination.js';
import { journaldFormat } from './journald.format.js';
import type { LogDestination, TellTrouble } from './log-destination.js';
import { syslogFormat } from './syslog.format.js';
import { textFormat } from './text.format.js';

export interface LogOpening {
  readonly dispatcher: Pick<DispatcherConfiguration['dispatcher'], 'logging' | 'logFile'> &
    Partial<Pick<DispatcherConfiguration['dispatcher'], 'logFormat'>>;
  /** May name other sockets than the system's: `DISPATCHER_SYSLOG_SOCKET`, `DISPATCHER_JOURNAL_SOCKET`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly tellTrouble: TellTrouble;
  /** What syslog and the journal know the program by; default `dispatcher`. */
  readonly identifier?: string;
}

const SYSLOG_SOCKET = '/dev/log';
const JOURNAL_SOCKET = '/run/systemd/journal/socket';
const STDERR = 2;
const IDENTIFIER = 'dispatcher';

/**
 * What `dispatcher.logging` asks for.
 *
 * @throws Error with one line when nothing can be logged there
 */
export function openLog({
  dispatcher,
  env,
  pid,
  tellTrouble,
  identifier = IDENTIFIER,
}: LogOpening): LogDestination {
  const { logging, logFile } = dispatcher;
  switch (logging) {
    case 'console':
      return consoleDestination(dispatcher.logFormat ?? 'json', env, tellTrouble);
    case 'file':
      return fileDestination(logFile ?? '', tellTrouble);
    case 'syslog': {
      const path = env['DISPATCHER_SYSLOG_SOCKET'] ?? SYSLOG_SOCKET;
      const format = syslogFormat({ tag: identifier, pid, now: () => new Date() });
      return new DatagramDestination({ socket: reach('syslog', path), format, tellTrouble });
    }
    case 'journald': {
      const path = env['DISPATCHER_JOURNAL_SOCKET'] ?? JOURNAL_SOCKET;
      const format = journaldFormat(identifier);
      return new DatagramDestination({ socket: reach('journald', path), format, tellTrouble });
    }
  }
}

function consoleDestination(
  format: 'auto' | 'json' | 'text',
  env: LogOpening['env'],
  tellTrouble: TellTrouble,
): LogDestination {
  const destination = ConsoleDestination.open(tellTrouble);
  const isTerminal = isatty(STDERR);
  if (format === 'json' || (format === 'auto' && !isTerminal)) return destination;
  const isPlain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const toText = textFormat({ hasColour: isTerminal && !isPlain });
  return {
    write: (line) => destination.write(toText(line)),
    reopen: () => destination.reopen(),
    flushSync: () => destination.flushSync(),
  };
}

function fileDestination(path: string, tellTrouble: TellTrouble): LogDestination {
  try {
    return new FileDestination(path, tellTrouble);
  } catch (error) {
    throw new Error(`Cannot log to the file ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function reach(driver: string, path: string): UnixDatagrams {
  let obstacle: string | null;
  try {
    const socket = UnixDatagrams.to(path);
    obstacle = socket.obstacle();
    if (obstacle === null) return socket;
  } catch (error) {
    obstacle = messageOf(error);
  }
  throw new Error(`Cannot log to ${driver} at ${path}: ${obstacle} (dispatcher.logging)`);
}
