import type { CallTarget } from '../auth/index.js';
import { type Cause, newCause } from '../common/index.js';
import type { Sender } from '../sdk/index.js';
import type { CallSpan } from './call-span.js';

/**
 * One call on its way through the pipeline. The AbortController is made only when somebody looks at
 * the signal: most methods never do, and it would cost more than the rest of the dispatch.
 */
export class Call implements Cause {
  /** When its method began, by the clock of `performance.now()`; what watches calls keeps it. */
  begunAtMs: number | null = null;
  hasEnded = false;
  /** What decides about it, once its method was found and let it in: for who judges again later. */
  access: CallTarget | null = null;
  /** Its span, where calls are traced. */
  span: CallSpan | null = null;
  #cause: string | null = null;
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  constructor(
    /** Full wire name, `service.method`. */
    readonly method: string,
    /** Positional, named or absent arguments, decoded but not yet checked. */
    readonly args: unknown,
    readonly sender: Sender,
    readonly options: PipelineCallOptions = {},
  ) {}

  /** Made only when somebody asks: most calls log nothing and publish nothing. */
  get cause(): string {
    this.#cause ??= this.options.cause ?? this.span?.traceId ?? newCause();
    return this.#cause;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#reason !== null;
  }

  /** @throws the reason when it was aborted */
  throwIfAborted(): void {
    if (this.#reason !== null) throw this.#reason;
  }

  abort(reason: Error): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

export interface PipelineCallOptions {
  /** A `readOnly` property in the arguments is an error instead of being dropped. */
  readonly isStrict?: boolean;
  /** The caller takes a generator method's result piece by piece. */
  readonly wantsStream?: boolean;
  /** What the caller's own code runs because of; not given: the call is a beginning. */
  readonly cause?: string;
  /** Another node makes it on behalf of its caller: it goes no further. */
  readonly isForwarded?: true;
  /** Name of the plugin that calls, for which the gate of its own services stands open. */
  readonly owner?: string;
}
