import { coded } from '../common/index.js';
import { authorise } from './authorise.js';
import type { Call } from './call.js';
import type { FailureReporter } from './failure-reporter.js';
import type { MethodHandler } from './method-handler.js';
import { toPositional, withNames } from './named-arguments.js';
import { collect, isIterable, ResultStream } from './result-stream.js';
import type { ServiceRegistry } from './service.registry.js';

export interface PipelineOptions {
  readonly resultValidation: 'enforce' | 'log' | 'off';
  /** How long a call waits for a service that is being reloaded. */
  readonly serviceWaitMs: number;
}

/**
 * The one way into a method, for clients and for plugins alike:
 * find, authorise, validate the arguments, invoke, validate the result.
 *
 * A method that answers synchronously is answered synchronously: no promise is made on its way.
 */
export class CallPipeline {
  constructor(
    private readonly registry: ServiceRegistry,
    private readonly failures: FailureReporter,
    private readonly options: PipelineOptions,
  ) {}

  /**
   * Returns the method's result, or a promise of it.
   *
   * @throws RpcException (or rejects with) what the caller is to be told; never anything else
   */
  execute(call: Call): unknown {
    try {
      const handler = this.registry.find(call.method);
      if (
        handler === undefined ||
        (handler.owner.isHeld && handler.owner.name !== call.options.owner)
      ) {
        return this.#afterWaiting(call);
      }
      return this.#run(handler, call);
    } catch (error) {
      throw this.failures.toClient(error, { method: call.method });
    }
  }

  async #afterWaiting(call: Call): Promise<unknown> {
    try {
      const owner = this.registry.ownerOf(call.method);
      if (owner?.isHeld === true && owner.name !== call.options.owner) {
        if (!(await owner.whenReleased(this.options.serviceWaitMs))) {
          const seconds = this.options.serviceWaitMs / 1_000;
          throw coded('SERVICE_UNAVAILABLE', { service: owner.name, seconds });
        }
      }
      const handler = this.registry.find(call.method);
      if (handler === undefined) throw this.registry.notFound(call.method);
      return await this.#run(handler, call);
    } catch (error) {
      throw this.failures.toClient(error, { method: call.method });
    }
  }

  #run(handler: MethodHandler, call: Call): unknown {
    authorise(handler.access, call.sender);
    const args = this.#checkedArguments(handler, call);
    const result = handler.invoke(args, call);
    if (isThenable(result))
      return handler.owner.track(this.#settle(handler, call, { args, result }));
    if (handler.isGenerator && isIterable(result))
      return this.#streamed(handler, call, { args, result });
    return this.#checkedResult(handler, args, result);
  }

  async #settle(
    handler: MethodHandler,
    call: Call,
    outcome: Outcome<PromiseLike<unknown>>,
  ): Promise<unknown> {
    try {
      const result = await outcome.result;
      if (handler.isGenerator && isIterable(result)) {
        return await this.#streamed(handler, call, { args: outcome.args, result });
      }
      return this.#checkedResult(handler, outcome.args, result);
    } catch (error) {
      throw this.failures.toClient(error, { method: call.method });
    }
  }

  /** A generator's items: handed over as they come to a caller that asked for it, else collected. */
  #streamed(
    handler: MethodHandler,
    call: Call,
    outcome: Outcome<Iterable<unknown> | AsyncIterable<unknown>>,
  ): unknown {
    if (call.options.wantsStream === true) {
      return new ResultStream(outcome.result, (items) => {
        this.#checkedResult(handler, outcome.args, items);
      });
    }
    const items = collect(outcome.result, call).then(
      (result) => this.#checkedResult(handler, outcome.args, result),
      (error: unknown) => {
        throw this.failures.toClient(error, { method: call.method });
      },
    );
    return handler.owner.track(items);
  }

  #checkedArguments(handler: MethodHandler, call: Call): unknown[] {
    const { args } = call;
    const isNamed = typeof args === 'object' && args !== null && !Array.isArray(args);
    const positional = isNamed
      ? toPositional(handler, args as Record<string, unknown>)
      : ((args ?? []) as unknown[]);
    const errors = handler.argumentsValidator?.validate(positional, {
      strict: call.options.isStrict === true,
    });
    if (errors === null || errors === undefined) return positional;
    const names = isNamed ? (handler.parameterNames ?? []) : [];
    throw coded('ARGUMENTS_INVALID', {}, withNames(errors, names));
  }

  #checkedResult(handler: MethodHandler, args: readonly unknown[], result: unknown): unknown {
    const validator = handler.resultValidator;
    if (validator === null || this.options.resultValidation === 'off') return result;
    if (handler.isQuery && reshapesRows(args[1])) return result;
    const errors = validator.validate(result ?? null);
    if (errors === null) return result;
    const context = { method: `${handler.service}.${handler.name}` };
    if (this.options.resultValidation === 'enforce')
      throw this.failures.resultInvalid(errors, context);
    this.failures.resultTolerated(errors, context);
    return result;
  }
}

interface Outcome<T> {
  readonly args: readonly unknown[];
  readonly result: T;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** `select` and `exclude` give rows another shape than the one the method declares. */
function reshapesRows(params: unknown): boolean {
  return (
    typeof params === 'object' && params !== null && ('select' in params || 'exclude' in params)
  );
}
