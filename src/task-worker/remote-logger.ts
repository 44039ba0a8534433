import { encodeExtended } from '../common/index.js';
import { type LogFields, Logger } from '../sdk/index.js';
import { toCrossing } from '../tasks/executor-protocol.js';
import type { TaskLink } from './task-link.js';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Writes into the server's log. A line that has no JSON form loses its fields, never the sentence. */
export class RemoteLogger extends Logger {
  constructor(private readonly link: () => TaskLink) {
    super();
  }

  trace(message: string, fields?: LogFields): void {
    this.#write('trace', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  #write(level: Level, message: string, fields: LogFields = {}): void {
    const link = this.link();
    if (link.isOver) return;
    const { error, ...others } = fields;
    const crossing = error === undefined ? null : toCrossing(error);
    link.tell('logger', level, [message, plain(others), crossing]);
  }
}

/** Passwords stay hidden: a log is no receiver of secrets. */
function plain(fields: LogFields): unknown {
  try {
    return JSON.parse(JSON.stringify(encodeExtended(fields)));
  } catch {
    return {};
  }
}
