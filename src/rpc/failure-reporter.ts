import { randomBytes } from 'node:crypto';
import {
  coded,
  isDispatcherError,
  type RpcException,
  type ValidationError,
} from '../common/index.js';
import type { Logger } from '../sdk/index.js';

/**
 * Turns whatever was thrown into the error that may leave the server. What the caller did wrong
 * passes as it is; anything else is logged here, once, under a reference that the client gets in
 * its place: no stack and no path of the server's own goes on the wire.
 */
export class FailureReporter {
  constructor(
    private readonly logger: Logger,
    private readonly options: { readonly exposesStacks: boolean },
  ) {}

  toClient(error: unknown, context: { readonly method: string }): RpcException {
    if (isDispatcherError(error)) return error;
    if (isStackOverflow(error)) return coded('VALUE_TOO_DEEP');
    const reference = newReference();
    this.logger.error('Call failed unexpectedly', { ...context, reference, error });
    const extra = this.options.exposesStacks && error instanceof Error ? error.stack : undefined;
    return coded('INTERNAL', { reference }, extra);
  }

  resultInvalid(
    errors: readonly ValidationError[],
    context: { readonly method: string },
  ): RpcException {
    const reference = newReference();
    this.logger.error('Result does not fit its @returns schema', { ...context, reference, errors });
    return coded('RESULT_INVALID', { reference });
  }

  resultTolerated(errors: readonly ValidationError[], context: { readonly method: string }): void {
    this.logger.warn('Result does not fit its @returns schema', { ...context, errors });
  }
}

function newReference(): string {
  return randomBytes(4).toString('hex');
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}
