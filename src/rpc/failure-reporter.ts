import { randomBytes } from 'node:crypto';
import {
  coded,
  isDispatcherError,
  type RpcException,
  type ValidationError,
} from '../common/index.js';
import type { Logger } from '../sdk/index.js';
import { fromNest } from './nest-errors.js';

/**
 * Turns whatever was thrown into the error that may leave the server. What the caller did wrong
 * passes as it is, also when an exception of Nest's says it; anything else is logged here, once, under a reference that the client gets in
 * its place: no stack and no path of the server's own goes on the wire.
 */
export class FailureReporter {
  constructor(
    private readonly logger: Logger,
    private readonly options: { readonly exposesStacks: boolean },
  ) {}

  /** What the caller of `method` (or sender of that frame) is told of `error`. */
  toClient(error: unknown, method: string): RpcException {
    if (isDispatcherError(error)) return error;
    const told = fromNest(error);
    if (told !== null) return told;
    const reference = newReference();
    this.logger.error('Call failed unexpectedly', { method, reference, error });
    const extra = this.options.exposesStacks && error instanceof Error ? error.stack : undefined;
    return coded('INTERNAL', { reference }, extra);
  }

  /** Logs what is wrong with a result that is not let out; the error is what its caller gets instead. */
  resultInvalid(errors: readonly ValidationError[], method: string): RpcException {
    const reference = newReference();
    this.logger.error('Result does not fit its @returns schema', { method, reference, errors });
    return coded('RESULT_INVALID', { reference });
  }

  /** Logs what is wrong with a result that goes out all the same. */
  resultTolerated(errors: readonly ValidationError[], method: string): void {
    this.logger.warn('Result does not fit its @returns schema', { method, errors });
  }
}

function newReference(): string {
  return randomBytes(4).toString('hex');
}
