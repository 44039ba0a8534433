import {
  decodeExtended,
  isDispatcherError,
  RetryableException,
  RpcException,
} from '../../../common/index.js';
import { DatastoreException, DuplicateKeyException } from '../../../sdk/index.js';
import type { RunFailure } from '../executor.js';
import { toRunFailure } from '../run-failure.js';

/** An error on its way to the other side. */
export interface CrossingError extends RunFailure {
  /** It was thrown as one of ours, with the code that it has. */
  readonly isCoded?: true;
}

export function toCrossing(error: unknown): CrossingError {
  return { ...toRunFailure(error), ...(isDispatcherError(error) && { isCoded: true as const }) };
}

/** The error as code here would have caught it, had it been thrown here. */
export function fromCrossing(crossing: CrossingError): Error {
  const { type, message, stacktrace } = crossing;
  const error =
    crossing.isCoded === true
      ? toCoded(crossing)
      : Object.assign(new Error(message), { name: type });
  if (stacktrace !== '') error.stack = stacktrace;
  return error;
}

function toCoded({ type, code, message, extra, isRetryable }: CrossingError): RpcException {
  const said = decodeExtended(extra);
  if (type === 'DuplicateKeyException') {
    const { collection, fields } = said as DuplicateKeyException['extra'];
    return new DuplicateKeyException(collection, fields);
  }
  if (type === 'DatastoreException') return new DatastoreException(code, message, said);
  if (isRetryable === true) return new RetryableException(code, message, said);
  return new RpcException(code, message, said);
}
