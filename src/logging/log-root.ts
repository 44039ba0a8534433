import { type DestinationStream, pino, type Logger as PinoLogger } from 'pino';
import { coded, currentCause } from '../common/index.js';
import { type LogFields, Logger } from '../sdk/index.js';
import { LOG_LEVELS, type LogLevel } from '../wire/index.js';
import { HIDDEN, hideSecrets } from './hide-secrets.js';
import { LogTail } from './log-tail.js';

/**
 * The server's log: one JSON object a line, every line with the component that wrote it. All
 * loggers share one level, which changes for all of them at once.
 */
export class LogRoot {
  readonly #pino: PinoLogger;
  /** The latest lines, and the next ones as they come. */
  readonly tail: LogTail;

  constructor(level: LogLevel, destination: DestinationStream) {
    this.tail = new LogTail(destination);
    this.#pino = pino(
      {
        level,
        base: null,
        mixin: because,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: hideSecrets },
        serializers: { error: pino.stdSerializers.err },
        // what a serialiser lays open: an error's own properties
        redact: { paths: ['*.password', '*.token', '*.secret', '*.dsn'], censor: HIDDEN },
      },
      this.tail,
    );
  }

  get level(): LogLevel {
    return this.#pino.level as LogLevel;
  }

  /** @throws RpcException EINVAL for anything but one of {@link LOG_LEVELS} */
  setLevel(level: string): void {
    if (!LOG_LEVELS.some((known) => known === level)) {
      throw coded('INVALID_LOG_LEVEL', { level, levels: LOG_LEVELS.join(', ') });
    }
    this.#pino.level = level;
  }

  /** What ends the process: written at every level, and no business of plugins. */
  fatal(message: string, fields?: LogFields): void {
    this.#pino.fatal({ component: 'server', ...fields }, message);
  }

  /** A logger whose every line carries `fields`, such as the component or the plugin. */
  create(fields: LogFields): Logger {
    return new PinoBackedLogger(this.#pino, fields);
  }
}

/** What a line was written because of: the same text in every line, event and task of one call. */
function because(): object {
  const cause = currentCause();
  return cause === null ? {} : { cause };
}

/** Fields are bound here and not by `child()`, which would freeze the level of each logger. */
class PinoBackedLogger extends Logger {
  constructor(
    private readonly target: PinoLogger,
    private readonly bound: LogFields,
  ) {
    super();
  }

  override trace(message: string, fields?: LogFields): void {
    this.target.trace({ ...this.bound, ...fields }, message);
  }

  override debug(message: string, fields?: LogFields): void {
    this.target.debug({ ...this.bound, ...fields }, message);
  }

  override info(message: string, fields?: LogFields): void {
    this.target.info({ ...this.bound, ...fields }, message);
  }

  override warn(message: string, fields?: LogFields): void {
    this.target.warn({ ...this.bound, ...fields }, message);
  }

  override error(message: string, fields?: LogFields): void {
    this.target.error({ ...this.bound, ...fields }, message);
  }
}
