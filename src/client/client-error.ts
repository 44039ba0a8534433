import {
  Errno,
  errnoName,
  type ErrnoName,
  messageOf,
  RpcException,
  type WireError,
} from '../common/portable.js';

/**
 * What a call, a login or a task failed with. `code` and `name` are those of the protocol's table
 * (Linux errno: 2 and `ENOENT`), `extra` is whatever the server added; for arguments that fail their
 * schema it is `[{path, message, code}, ...]`. Errors of the client itself have the same form:
 * ECONNABORTED when the connection is not there or went, ETIMEDOUT, ECANCELED.
 *
 * @example
 * try {
 *   await client.call('account.create', [user]);
 * } catch (error) {
 *   if (error instanceof DispatcherClientError && error.name === 'EEXIST') return;
 *   throw error;
 * }
 */
export class DispatcherClientError extends RpcException {
  declare readonly name: ErrnoName;

  constructor(code: Errno, message: string, extra?: unknown, options?: ErrorOptions) {
    super(code, message, extra, options);
    this.name = errnoName(code);
  }
}

/** What an `rpc/error` frame says; a peer that says nothing sensible gets the blame in the message. */
export function toClientError(args: unknown): DispatcherClientError {
  const { code, message, extra } = (args ?? {}) as Partial<WireError> & { readonly code?: Errno };
  return new DispatcherClientError(
    typeof code === 'number' ? code : Errno.EFAULT,
    typeof message === 'string' ? message : 'The server gave no reason',
    extra,
  );
}

export const notConnected = (): DispatcherClientError =>
  new DispatcherClientError(
    Errno.ECONNABORTED,
    'Not connected: connect() first, or wait until it is back',
  );

export const connectionLost = (): DispatcherClientError =>
  new DispatcherClientError(
    Errno.ECONNABORTED,
    'The connection was lost before the answer came: whether the server acted is not known',
  );

export const canceled = (what: string, reason: unknown): DispatcherClientError =>
  new DispatcherClientError(Errno.ECANCELED, `${what} was canceled: ${messageOf(reason)}`, null, {
    cause: reason,
  });

export const timedOut = (what: string, timeoutMs: number): DispatcherClientError =>
  new DispatcherClientError(Errno.ETIMEDOUT, `${what} got no answer within ${timeoutMs} ms`);
