import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { DispatcherClientError } from '../client/index.js';
import { Errno, errnoName, HTTP_STATUS, isDispatcherError } from '../common/index.js';

/** What the application is answered with: to it the dispatcher is a server behind. */
const STATUS = new Map<number, number>([
  ...HTTP_STATUS,
  [Errno.EBADMSG, 400],
  [Errno.ECONNABORTED, 503],
  [Errno.ENOSPC, 507],
]);

/**
 * Answers a request of the application's own HTTP interface when what it asked the dispatcher for
 * fails: the status by the error number, the message as it is, `extra` along with it. Everything else
 * is left to Nest.
 *
 * @example
 * { provide: APP_FILTER, useClass: DispatcherExceptionFilter }
 */
@Catch()
export class DispatcherExceptionFilter extends BaseExceptionFilter implements ExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    super.catch(toHttpException(error) ?? error, host);
  }
}

/** Null for what is no error of a dispatcher or of its client. */
export function toHttpException(error: unknown): HttpException | null {
  const isKnown = isDispatcherError(error) || error instanceof DispatcherClientError;
  if (!isKnown) return null;
  const { code, message, extra } = error as { code: number; message: string; extra?: unknown };
  const statusCode = STATUS.get(code) ?? 500;
  const body = { statusCode, message, error: errnoName(code) };
  const response = extra === undefined || extra === null ? body : { ...body, extra };
  return new HttpException(response, statusCode, { cause: error });
}
