import { Errno, errnoName, isDispatcherError, withCause } from '../common/index.js';
import type { Call } from './call.js';
import type { CallTallies } from './call-tallies.js';
import type { CallTracer } from './call-tracer.js';
import type { MethodHandler } from './method-handler.js';
import { fromNest } from './nest-errors.js';

/**
 * What is noted of every call: its number and time, its span where calls are traced, and that what
 * its code does is done because of it. Between {@link begin} and the first of {@link succeeded} and
 * {@link failed} it runs; whatever is said later of the same call does not count.
 */
export class CallInstrumentation {
  constructor(
    private readonly tallies: CallTallies,
    private readonly tracer: CallTracer | null,
  ) {}

  begin(handler: MethodHandler, call: Call): void {
    const tally = (handler.tally ??= this.tallies.of(handler));
    tally.begun += 1;
    call.begunAtMs = performance.now();
    if (this.tracer !== null) call.span = this.tracer.begin(handler, call);
  }

  /** Runs a piece of the method's code. */
  run<T>(call: Call, work: () => T): T {
    const { span } = call;
    return withCause(call, span === null ? work : () => span.run(work));
  }

  succeeded(handler: MethodHandler, call: Call): void {
    this.#end(handler, call, null);
  }

  failed(handler: MethodHandler, call: Call, error: unknown): void {
    this.#end(handler, call, error);
  }

  /** A stream that had begun came to an end too early. */
  broke({ tally }: MethodHandler, error: unknown): void {
    tally?.fail(nameOf(error));
  }

  /** The call reached no method. */
  refused(error: unknown): void {
    this.tallies.refuse(nameOf(error));
  }

  #end({ tally }: MethodHandler, call: Call, error: unknown): void {
    if (call.hasEnded || tally === undefined) return;
    call.hasEnded = true;
    tally.end(performance.now() - (call.begunAtMs ?? 0));
    const name = error === null ? null : nameOf(error);
    if (name !== null) tally.fail(name);
    call.span?.end(name);
  }
}

/** One of a closed set: a plugin may throw any number. */
function nameOf(error: unknown): string {
  return errnoName((isDispatcherError(error) ? error : fromNest(error))?.code ?? Errno.EFAULT);
}
