import { Errno, EXIT, isDispatcherError } from '../common/portable.js';

export { EXIT };

const BRAND = Symbol.for('dispatcher.command-error');

/**
 * What a command ends with: a status and one line for people. Known by its brand and not by its class,
 * which a program that was put together in two ways has twice.
 */
export class CommandError extends Error {
  readonly [BRAND] = true;

  constructor(
    readonly exitStatus: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The words of the command line, or the configuration, do not fit: the message says what would. */
export class UsageError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.usage, message, options);
  }
}

/** Nobody answers at the server's address, or the connection went and did not come back. */
export class UnreachableError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.unreachable, message, options);
  }
}

/** Somebody pressed ^C: nothing is to be said. */
export class InterruptedError extends CommandError {
  constructor() {
    super(EXIT.interrupted, '');
  }
}

const REFUSALS: ReadonlySet<number> = new Set([Errno.EACCES, Errno.EPERM]);

export function exitStatusOf(error: unknown): number {
  if (isCommandError(error)) return error.exitStatus;
  if (isArgumentError(error) || isConfigurationError(error)) return EXIT.usage;
  if (!isDispatcherError(error)) return EXIT.failed;
  if (REFUSALS.has(error.code)) return EXIT.refused;
  return error.code === Errno.ETIMEDOUT ? EXIT.timedOut : EXIT.failed;
}

export function isCommandError(error: unknown): error is CommandError {
  return error instanceof Error && BRAND in error;
}

/** What `parseArgs` of Node throws. */
function isArgumentError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS_/.test(String(error.code));
}

function isConfigurationError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfigurationError';
}

/** A task that failed: with its own code and message, and the status of a failure whatever the code is. */
export class FailedTaskError extends CommandError {
  constructor(
    readonly code: Errno,
    message: string,
    readonly extra: unknown,
  ) {
    super(EXIT.failed, message);
  }
}
