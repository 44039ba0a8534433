import { Logger, type LogFields } from '../sdk/index.js';

export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * A log that a test can read.
 *
 * @example
 * const logger = new RecordingLogger();
 * await runTask(CleanTask, [], { logger });
 * logger.lines.filter(({ level }) => level === 'error'); // []
 */
export class RecordingLogger extends Logger {
  readonly lines: LogLine[] = [];

  trace(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'trace', message, fields });
  }
  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }
  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }
  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }
  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }
}
