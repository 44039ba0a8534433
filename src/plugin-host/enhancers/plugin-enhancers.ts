import { type INestApplicationContext, type Type } from '@nestjs/common';
import { ExternalContextCreator, ModulesContainer } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Call, EnhancedMethod, MethodShape } from '../../rpc/index.js';
import { DISPATCHER_CONTEXT, type DispatcherCall, withDispatcherCall } from '../../sdk/index.js';
import type { TaskGuard } from '../../tasks/index.js';
import {
  decoratedParameters,
  type EnhancerKind,
  ENHANCERS,
  enhancersOn,
  globalKinds,
  isCustomParameter,
  KINDS,
} from './enhancer-kinds.js';
import { describeParameters, PARAMETERS } from './parameters.js';
import { Unhandled } from './outermost.js';

/** Not of one request, and asked for by nobody in particular. */
const STATIC = [undefined, undefined] as const;

type Target = (...args: unknown[]) => Promise<unknown>;

/**
 * Guards, interceptors, pipes and exception filters of Nest in one plugin: finds out, when something
 * is registered, what stands before it, and has Nest run that. What has none costs nothing.
 *
 * Whatever could not be run is refused here: a guard that nobody asks is a hole.
 */
export class PluginEnhancers {
  readonly #globals: ReadonlySet<EnhancerKind>;
  readonly #modules: ModulesContainer;

  /** @throws Error when a global one is of a scope that nobody can construct here */
  constructor(
    private readonly context: INestApplicationContext,
    /** The module of the server's own among the plugin's. */
    bridge: Type,
  ) {
    this.#modules = context.get(ModulesContainer, { strict: false });
    this.#globals = globalKinds(this.#modules, bridge);
  }

  /** For {@link exploreService}. @throws Error naming what cannot be run */
  readonly enhance = (shape: MethodShape): EnhancedMethod | null => {
    const { instance, key, method } = shape;
    const type = instance.constructor as Type;
    const kinds = this.#kindsBefore(type, method);
    const custom = customParameters(type, key);
    if (kinds.size === 0 && custom.length === 0) return null;
    this.#assertHosted(type, kinds);
    const takesParameters = kinds.has('pipes') || custom.length > 0;
    const parameters = takesParameters ? describeParameters(type, shape) : undefined;
    const target = this.#creator().create(
      ...([instance, method, key] as const),
      takesParameters ? PARAMETERS : undefined,
      parameters,
      ...STATIC,
      {
        guards: kinds.has('guards'),
        interceptors: kinds.has('interceptors'),
        filters: kinds.has('filters'),
      },
      DISPATCHER_CONTEXT,
    );
    return (args, call) => run(target, args, seenBy(call, args));
  };

  /**
   * The guards of a task, which are asked at its submit; null where there are none.
   *
   * @throws Error for what a task cannot have
   */
  taskGuard(type: Type): TaskGuard | null {
    assertGuardsOnly(type, `Task ${type.name}`);
    const kinds = this.#kindsBefore(type, null);
    if (!kinds.has('guards')) return null;
    this.#assertHosted(type, new Set(['guards']));
    const submit = standIn(type);
    const target = this.#creator().create(
      this.context.get<object>(type, { strict: false }),
      submit,
      submit.name,
      ...([undefined, undefined, ...STATIC] as const),
      { guards: true, interceptors: false, filters: false },
      DISPATCHER_CONTEXT,
    );
    return async ({ name, args, sender }) => {
      const { signal } = new AbortController();
      const seen = { method: 'task.submit', task: name, args, sender, signal };
      await run(target, args, seen);
    };
  }

  #kindsBefore(type: Type, method: object | null): ReadonlySet<EnhancerKind> {
    return new Set(
      KINDS.filter(
        (kind) =>
          this.#globals.has(kind) ||
          enhancersOn(type, kind).length > 0 ||
          (method !== null && enhancersOn(method, kind).length > 0),
      ),
    );
  }

  /** Nest knows the enhancers of classes alone that a module lists. */
  #assertHosted(type: Type, kinds: ReadonlySet<EnhancerKind>): void {
    if ([...this.#modules.values()].some((module) => module.hasProvider(type))) return;
    throw notRun(`${type.name} is not among the providers of its plugin`, kinds);
  }

  #creator(): ExternalContextCreator {
    return this.context.get(ExternalContextCreator, { strict: false });
  }
}

/** For what cannot have any. @throws Error naming the decorator */
export function assertNoEnhancers(type: Type, what: string): void {
  const kinds = KINDS.filter((kind) => hasAnywhere(type, kind));
  if (kinds.length > 0) throw notRun(what, new Set(kinds));
}

function assertGuardsOnly(type: Type, what: string): void {
  const kinds = KINDS.filter((kind) => kind !== 'guards' && hasAnywhere(type, kind));
  if (kinds.length > 0) throw notRun(`${what} runs in no call`, new Set(kinds));
  const guarded = methodsOf(type).find((method) => enhancersOn(method, 'guards').length > 0);
  if (guarded === undefined) return;
  throw new Error(
    `${what}: @UseGuards on ${guarded.name} would guard nothing: put it on the class, whose guards are asked at submit`,
  );
}

function hasAnywhere(type: Type, kind: EnhancerKind): boolean {
  return [type, ...methodsOf(type)].some((target) => enhancersOn(target, kind).length > 0);
}

function methodsOf(type: Type): ((...args: unknown[]) => unknown)[] {
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(type.prototype as object));
  return descriptors.flatMap(({ value }: PropertyDescriptor) =>
    typeof value === 'function' && value !== type ? [value as (...args: unknown[]) => unknown] : [],
  );
}

function notRun(why: string, kinds: ReadonlySet<EnhancerKind>): Error {
  const decorators = Array.from(kinds, (kind) => ENHANCERS[kind].decorator).join(', ');
  return new Error(`${why}: its ${decorators} would not be run`);
}

function customParameters(type: Type, key: string): readonly string[] {
  const keys = Object.keys(decoratedParameters(type, key));
  const strange = keys.find((parameter) => !isCustomParameter(parameter));
  if (strange === undefined) return keys;
  throw new Error(
    'a parameter has a decorator of Nest for requests (@Body, @Param and the like): a call has arguments, which stand in their order',
  );
}

/** What Nest is to call when the guards of a task let it pass; reflectors find on it what `run` is decorated with. */
function standIn({ prototype }: Type): () => undefined {
  const submit = (): undefined => undefined;
  const { run } = prototype as { readonly run: object };
  for (const key of Reflect.getMetadataKeys(run) as unknown[])
    Reflect.defineMetadata(key, Reflect.getMetadata(key, run), submit);
  return submit;
}

function seenBy(call: Call, args: readonly unknown[]): DispatcherCall {
  return {
    method: call.method,
    task: null,
    args,
    sender: call.sender,
    get signal() {
      return call.signal; // made when somebody asks for it
    },
  };
}

async function run(
  target: Target,
  args: readonly unknown[],
  seen: DispatcherCall,
): Promise<unknown> {
  const result = await withDispatcherCall(seen, async () => {
    const answer = await target(...args);
    return isObservable(answer) ? lastValueFrom(answer) : answer; // as Nest's own filters answer
  });
  if (result instanceof Unhandled) throw result.error;
  return result;
}
