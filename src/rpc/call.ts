import type { Sender } from '../sdk/index.js';

/**
 * One call on its way through the pipeline. The AbortController is made only when somebody looks at
 * the signal: most methods never do, and it would cost more than the rest of the dispatch.
 */
export class Call {
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  constructor(
    /** Full wire name, `service.method`. */
    readonly method: string,
    /** Positional, named or absent arguments, decoded but not yet checked. */
    readonly args: unknown,
    readonly sender: Sender,
    readonly options: CallOptions = {},
  ) {}

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

  abort(reason: Error): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

export interface CallOptions {
  /** A `readOnly` property in the arguments is an error instead of being dropped. */
  readonly isStrict?: boolean;
  /** The caller takes a generator method's result piece by piece. */
  readonly wantsStream?: boolean;
  /** Name of the plugin that calls, for which the gate of its own services stands open. */
  readonly owner?: string;
}
