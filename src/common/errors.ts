import { Errno, errnoName } from './errno.js';

// Errors are recognised by a brand, not by instanceof: they cross process and copy boundaries.
const BRAND = Symbol.for('dispatcher.error');

/** One failed check inside a call's or task's arguments; `path` starts with the argument's index. */
export interface ValidationError {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly code: number;
}

/** What an `rpc/error` frame carries. */
export interface WireError {
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly extra?: unknown;
}

/**
 * An error meant for the caller: its code and message go on the wire as they are. Throw it from a
 * provider method; anything else that is thrown reaches the client as EFAULT "Internal error".
 *
 * @example
 * throw new RpcException(Errno.EEXIST, `User ${name} exists`, { id });
 */
export class RpcException extends Error {
  readonly [BRAND] = true;

  constructor(
    readonly code: Errno,
    message: string,
    readonly extra?: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }

  toWire(): WireError {
    const wire = { code: this.code, name: errnoName(this.code), message: this.message };
    return this.extra === undefined || this.extra === null ? wire : { ...wire, extra: this.extra };
  }
}

/** A task's `run` failed for a reason its submitter can act on. Same shape as {@link RpcException}. */
export class TaskException extends RpcException {}

/**
 * A task's `run` failed for a reason that may be gone in a moment: a task with `retry` runs again.
 *
 * @example
 * if (reply.status === 503) throw new RetryableException(Errno.EBUSY, 'The mirror is busy');
 */
export class RetryableException extends TaskException {
  readonly isRetryable = true;
}

/** A task's `verify` refused its arguments. Same shape as {@link RpcException}. */
export class VerifyException extends TaskException {}

/**
 * Many refusals at once, each with the path of the offending value (the first element is the
 * argument's index).
 *
 * @example
 * const errors = new ValidationException();
 * if (taken) errors.add([0, 'username'], 'is taken', Errno.EEXIST);
 * if (errors.hasErrors) throw errors;
 */
export class ValidationException extends VerifyException {
  declare readonly extra: ValidationError[];

  constructor(message = 'Validation failed') {
    super(Errno.EBADMSG, message, []);
  }

  get hasErrors(): boolean {
    return this.extra.length > 0;
  }

  add(path: readonly (string | number)[], message: string, code: Errno = Errno.EINVAL): this {
    this.extra.push({ path: [...path], message, code });
    return this;
  }
}

/** True for every error of this module, also for one made by another copy of it. */
export function isDispatcherError(error: unknown): error is RpcException {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** The message of anything that was thrown, for a log line or a report. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
