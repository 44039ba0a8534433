import { Inject, Injectable } from '@nestjs/common';
import {
  coded,
  Errno,
  isThenable,
  JsonText,
  type RpcException,
  withCause,
} from '../common/index.js';
import { assertAffordable, DEFAULT_QUERY_LIMITS, type QueryLimits } from '../common/query/index.js';
import type { ValueValidator } from '../schema/index.js';
import { authorise } from './authorise.js';
import type { Call } from './call.js';
import { CallTallies } from './call-tallies.js';
import { CallInstrumentation } from './call-instrumentation.js';
import { FailureReporter } from './failure-reporter.js';
import type { MethodHandler } from './method-handler.js';
import { toPositional, withNames } from './named-arguments.js';
import { collect, isIterable, type Items, ResultStream, tracked } from './result-stream.js';
import type { ServiceOwner } from './service-owner.js';
import { serviceName, ServiceRegistry } from './service.registry.js';

/** Injection token of {@link PipelineOptions}. */
export const PIPELINE_OPTIONS = Symbol('options of the call pipeline');

export interface PipelineOptions {
  readonly resultValidation: 'enforce' | 'log' | 'off';
  /** How long a call waits for a service that is being reloaded. */
  readonly serviceWaitMs: number;
  /** Most items of a generator's result for a caller that does not take it as a stream. */
  readonly maxCollectedItems: number;
  /** What a `query` method may be asked. */
  readonly queryLimits?: QueryLimits;
  /**
   * Asked before a user does what takes the role admin.
   *
   * @throws RpcException EIO while it is not known whether the user still has it
   */
  readonly assertRightsKnown?: () => void;
}

/**
 * The one way into a method, for clients and for plugins alike:
 * find, authorise, validate the arguments, invoke, validate the result.
 *
 * A method that answers synchronously is answered synchronously: no promise is made on its way.
 */
@Injectable()
export class CallPipeline {
  constructor(
    private readonly registry: ServiceRegistry,
    private readonly failures: FailureReporter,
    @Inject(PIPELINE_OPTIONS) private readonly options: PipelineOptions,
    private readonly watch: CallInstrumentation = new CallInstrumentation(new CallTallies(), null),
  ) {}

  /**
   * Returns the method's result, or a promise of it.
   *
   * @throws RpcException (or rejects with) what the caller is to be told; never anything else
   */
  execute(call: Call): unknown {
    try {
      const handler = this.registry.find(call.method);
      if (handler?.owner.admits(call) === true) return this.#run(handler, call);
      if (handler !== undefined) authorise(handler.access, call.sender);
      return this.#afterWaiting(call);
    } catch (error) {
      throw this.#failure(call, error);
    }
  }

  async #afterWaiting(call: Call): Promise<unknown> {
    try {
      const deadline = performance.now() + this.options.serviceWaitMs;
      // again and again, for the next reload may have begun before this call got its turn
      for (let owner = this.#heldBy(call); owner !== null; owner = this.#heldBy(call)) {
        const isOpen = await owner.whenReleased(deadline - performance.now(), call.signal);
        call.throwIfAborted();
        if (owner.failure !== null) throw owner.failure;
        if (!isOpen) throw this.#unavailable(call);
      }
      const handler = this.registry.find(call.method);
      if (handler === undefined) throw this.#notFound(call);
      return await this.#run(handler, call);
    } catch (error) {
      throw this.#failure(call, error);
    }
  }

  #heldBy(call: Call): ServiceOwner | null {
    const owner = this.registry.ownerOf(call.method);
    return owner === undefined || owner.admits(call) ? null : owner;
  }

  #unavailable(call: Call): RpcException {
    if (this.registry.find(call.method) === undefined && isStranger(call)) {
      return coded('NOT_LOGGED_IN');
    }
    const seconds = this.options.serviceWaitMs / 1_000;
    return coded('SERVICE_UNAVAILABLE', { service: serviceName(call.method), seconds });
  }

  /** Before login nobody learns which services and methods there are: only that the path is none. */
  #notFound(call: Call): RpcException {
    const refusal = this.registry.notFound(call.method);
    return isStranger(call) && refusal.code === Errno.ENOENT ? coded('NOT_LOGGED_IN') : refusal;
  }

  #run(handler: MethodHandler, call: Call): unknown {
    this.watch.begin(handler, call);
    try {
      authorise(handler.access, call.sender);
      if (this.options.assertRightsKnown !== undefined && takesAdmin(handler, call))
        this.options.assertRightsKnown();
      call.access = handler.access;
      const args = this.#checkedArguments(handler, call);
      const result = this.watch.run(call, () => handler.invoke(args, call));
      if (isThenable(result)) return this.#settle(handler, call, { args, result });
      if (handler.isGenerator && isIterable(result))
        return this.#streamed(handler, call, { args, result });
      return this.#finish(handler, call, { args, result });
    } catch (error) {
      this.watch.failed(handler, call, error);
      throw error;
    }
  }

  #finish(handler: MethodHandler, call: Call, outcome: Outcome<unknown>): unknown {
    this.#checked(handler, handler.resultValidator, outcome);
    this.watch.succeeded(handler, call);
    return outcome.result;
  }

  /** What is logged of it carries the cause of the call, although the call's code has ended. */
  #failure(call: Call, error: unknown): RpcException {
    if (call.begunAtMs === null) this.watch.refused(error);
    return withCause(call, () => this.failures.toClient(error, call.method));
  }

  #settle(
    handler: MethodHandler,
    call: Call,
    { args, result: pending }: Outcome<PromiseLike<unknown>>,
  ): Promise<unknown> {
    const leave = handler.owner.enter();
    return Promise.resolve(pending).then(
      (result) => {
        try {
          const isStream = handler.isGenerator && isStreamOf(handler, result);
          if (isStream) return this.#streamed(handler, call, { args, result });
          return this.#finish(handler, call, { args, result });
        } catch (error) {
          throw this.#failed(handler, call, error);
        } finally {
          leave();
        }
      },
      (error: unknown) => {
        const failure = this.#failed(handler, call, error);
        leave();
        throw failure;
      },
    );
  }

  /** The method broke off: it is noted, and the caller is told. */
  #failed(handler: MethodHandler, call: Call, error: unknown): RpcException {
    this.watch.failed(handler, call, error);
    return this.#failure(call, error);
  }

  /** A generator's items: handed over as they come to a caller that asked for it, else collected. */
  #streamed(
    handler: MethodHandler,
    call: Call,
    { args, result }: Outcome<Items>,
  ): ResultStream | Promise<unknown> {
    if (call.options.wantsStream === true) {
      this.watch.succeeded(handler, call); // how long its items take is the caller's affair
      const items = tracked(result, handler.owner, {
        run: (work) => this.watch.run(call, work),
        toError: (error) => {
          this.watch.broke(handler, error);
          return this.#failure(call, error);
        },
      });
      return new ResultStream(items, (some) => {
        this.#checked(handler, handler.fragmentValidator, { args, result: some });
      });
    }
    const collected = this.watch
      .run(call, () => collect(result, call, this.options.maxCollectedItems))
      .then((all) => this.#finish(handler, call, { args, result: all }))
      .catch((error: unknown) => {
        throw this.#failed(handler, call, error);
      });
    return handler.owner.track(collected);
  }

  #checkedArguments(handler: MethodHandler, call: Call): unknown[] {
    const { args } = call;
    const isNamed = typeof args === 'object' && args !== null && !Array.isArray(args);
    const positional = isNamed
      ? toPositional(handler, args as Record<string, unknown>)
      : ((args ?? []) as unknown[]);
    // first: to check the shape of a monstrous filter is what it costs most
    if (handler.isQuery)
      assertAffordable(
        positional[0],
        positional[1],
        this.options.queryLimits ?? DEFAULT_QUERY_LIMITS,
      );
    const errors = handler.argumentsValidator?.validate(positional, {
      strict: call.options.isStrict === true,
    });
    if (errors === null || errors === undefined) return positional;
    const names = isNamed ? (handler.parameterNames ?? []) : [];
    throw coded('ARGUMENTS_INVALID', {}, withNames(errors, names));
  }

  #checked(
    handler: MethodHandler,
    validator: ValueValidator | null,
    { args, result }: Outcome<unknown>,
  ): void {
    if (validator === null || this.options.resultValidation === 'off') return;
    if (result instanceof JsonText) return; // what it is made of was checked before
    if (handler.isQuery && reshapesRows(args[1])) return;
    const errors = validator.validate(result ?? null);
    if (errors === null) return;
    const method = `${handler.service}.${handler.name}`;
    if (this.options.resultValidation === 'enforce')
      throw this.failures.resultInvalid(errors, method);
    this.failures.resultTolerated(errors, method);
  }
}

interface Outcome<T> {
  readonly args: readonly unknown[];
  readonly result: T;
}

function isStreamOf(handler: MethodHandler, result: unknown): result is Items {
  if (handler.isForwarded !== true) return isIterable(result);
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

const isStranger = ({ sender }: Call): boolean => sender.kind === 'anonymous';

/** `select` and `exclude` give rows another shape than the one the method declares. */
function reshapesRows(params: unknown): boolean {
  return (
    typeof params === 'object' && params !== null && ('select' in params || 'exclude' in params)
  );
}

function takesAdmin({ access }: MethodHandler, { sender }: Call): boolean {
  return sender.kind === 'user' && access.roles.includes('admin');
}
