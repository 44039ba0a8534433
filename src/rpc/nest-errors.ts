import { HttpException } from '@nestjs/common';
import { Errno, errnoName, isObject, RpcException } from '../common/index.js';

/** What a status of HTTP means to the caller of a method; 4xx and 5xx without a line have one below. */
const BY_STATUS: ReadonlyMap<number, Errno> = new Map([
  [401, Errno.EACCES],
  [403, Errno.EACCES],
  [404, Errno.ENOENT],
  [405, Errno.EOPNOTSUPP],
  [408, Errno.ETIMEDOUT],
  [409, Errno.EEXIST],
  [410, Errno.ENOENT],
  [413, Errno.EOVERFLOW],
  [423, Errno.EBUSY],
  [429, Errno.EBUSY],
  [501, Errno.EOPNOTSUPP],
  [503, Errno.EBUSY],
  [504, Errno.ETIMEDOUT],
  [507, Errno.ENOSPC],
]);

/**
 * What Nest's own exceptions say to a caller: an `HttpException` by its status, a `WsException` or an
 * `RpcException` of Nest's microservices by what it was given. Null for anything else, which the
 * caller is not to be told.
 */
export function fromNest(error: unknown): RpcException | null {
  if (error instanceof HttpException) return fromHttp(error);
  return isMessageException(error) ? fromMessage(error) : null;
}

function fromHttp(error: HttpException): RpcException {
  const status = error.getStatus();
  const response = error.getResponse();
  const code = BY_STATUS.get(status) ?? (status < 500 ? Errno.EINVAL : Errno.EFAULT);
  const message = textOf(response) ?? error.message;
  return new RpcException(code, message, extraOf(response), { cause: error });
}

/** Nest's WsException and RpcException are of packages that need not be there: known by their method. */
interface MessageException extends Error {
  getError(): unknown;
}

function isMessageException(error: unknown): error is MessageException {
  return error instanceof Error && 'getError' in error && typeof error.getError === 'function';
}

function fromMessage(error: MessageException): RpcException {
  const said = error.getError();
  const code = isObject(said) && isErrno(said['code']) ? said['code'] : Errno.EINVAL;
  return new RpcException(code, textOf(said) ?? error.message, extraOf(said), { cause: error });
}

function isErrno(value: unknown): value is Errno {
  return typeof value === 'number' && errnoName(value) !== 'EUNKNOWN';
}

/** A pipe gives a list of sentences. */
function textOf(said: unknown): string | null {
  if (typeof said === 'string') return said;
  const message = isObject(said) ? said['message'] : null;
  if (Array.isArray(message)) return message.map(String).join('; ');
  return typeof message === 'string' ? message : null;
}

const SAID_ELSEWHERE = new Set(['message', 'error', 'statusCode', 'code']);

/** What an exception was given besides its text and number. */
function extraOf(said: unknown): unknown {
  if (!isObject(said)) return undefined;
  const rest = Object.entries(said).filter(([name]) => !SAID_ELSEWHERE.has(name));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}
