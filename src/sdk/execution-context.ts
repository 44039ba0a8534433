import { AsyncLocalStorage } from 'node:async_hooks';
import type { Sender } from './sender.js';

/** What is called, as guards, interceptors, pipes and filters see it. */
export interface DispatcherCall {
  /** The full name: `share.query`; `task.submit` for the guards of a task. */
  readonly method: string;
  /** The name of the task that is submitted; null for a method. */
  readonly task: string | null;
  /** After they were checked against the schemas of `@accepts`. */
  readonly args: readonly unknown[];
  readonly sender: Sender;
  /** Fires when the caller gives up. */
  readonly signal: AbortSignal;
}

/** What this file needs of Nest's `ExecutionContext` and `ArgumentsHost`. */
interface TypedContext {
  getType(): string;
}

/** The type of the execution contexts of calls: what `context.getType()` answers. */
export const DISPATCHER_CONTEXT = 'dispatcher';

const running = new AsyncLocalStorage<DispatcherCall>();

/**
 * Runs `work` as a part of a call, so that {@link DispatcherExecutionContext} finds the call. The
 * server does so; a test of a guard may.
 *
 * @example
 * const allowed = withDispatcherCall(call, () => new OfficeHours().canActivate(context));
 */
export function withDispatcherCall<T>(call: DispatcherCall, work: () => T): T {
  return running.run(call, work);
}

/**
 * The call that a guard, interceptor, pipe or exception filter of Nest stands before. Its
 * `context.getType()` is `'dispatcher'`, `getArgs()` are the arguments of the method.
 *
 * @example
 * @Injectable()
 * export class OfficeHours implements CanActivate {
 *   canActivate(context: ExecutionContext): boolean {
 *     const { sender } = DispatcherExecutionContext.create(context);
 *     return sender.kind === 'plugin' || new Date().getHours() < 18;
 *   }
 * }
 */
export class DispatcherExecutionContext {
  private constructor(readonly call: DispatcherCall) {}

  /** @throws Error for the context of something else, an HTTP request for instance */
  static create(context: TypedContext): DispatcherExecutionContext {
    const call = running.getStore();
    const type = context.getType();
    if (type !== DISPATCHER_CONTEXT || call === undefined) {
      throw new Error(
        `This is the context of ${type === DISPATCHER_CONTEXT ? 'no call' : `type ${type}`}: ask context.getType() first`,
      );
    }
    return new DispatcherExecutionContext(call);
  }

  get sender(): Sender {
    return this.call.sender;
  }

  get signal(): AbortSignal {
    return this.call.signal;
  }
}
