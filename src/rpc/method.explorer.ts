import { Errno, messageOf, RpcException, toSnakeCase } from '../common/index.js';
import type { ArgumentsValidator, SchemaRegistry, ValueValidator } from '../schema/index.js';
import { classMetadata, methodMetadata, type MethodMetadata } from '../sdk/index.js';
import type { Call } from './call.js';
import { FragmentValidator } from './fragment-validator.js';
import type { MethodDescription } from '../wire/index.js';
import type { MethodHandler } from './method-handler.js';
import { namesFromSource } from './named-arguments.js';
import type { ServiceOwner } from './service-owner.js';
import type { Service } from './service.registry.js';

type Method = (...args: unknown[]) => unknown;

/** A constructed provider and the name it is to be offered under. */
export interface ServiceSource {
  readonly service: string;
  readonly instance: object;
  readonly owner: ServiceOwner;
  /** Asked for each method; null, the answer for most, leaves the method as it is. */
  readonly enhance?: (method: MethodShape) => EnhancedMethod | null;
}

/** What somebody is told of a method who may put something before it. */
export interface MethodShape {
  readonly instance: object;
  /** As the class spells it. */
  readonly key: string;
  readonly method: Method;
  /** How many arguments it takes, and their names where they are known. */
  readonly argumentCount: number;
  readonly parameterNames: readonly string[] | null;
  /** Which of its parameters are filled with the caller and the signal. */
  readonly filledIndexes: readonly number[];
}

/** Takes the arguments as the method would, the caller and the signal among them. */
export type EnhancedMethod = (args: unknown[], call: Call) => unknown;

interface MethodSource extends ServiceSource {
  readonly key: string;
  readonly name: string;
  readonly method: Method;
  readonly metadata: MethodMetadata;
}

/**
 * Reads the decorators of a provider's class and builds the service that clients call: the closed
 * list of its methods. Only methods of the class itself count, and only those that carry a
 * decorator that describes an interface; nothing inherited and nothing on a prototype further up is ever reachable.
 *
 * @throws RpcException EINVAL naming the method whose schema is invalid or whose name is taken
 */
export function exploreService(source: ServiceSource, schemas: SchemaRegistry): Service {
  const type = source.instance.constructor;
  const prototype = type.prototype as object;
  const methods = new Map<string, MethodHandler>();
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const metadata = methodMetadata(prototype, key);
    if (metadata === undefined || !isCallable(metadata)) continue;
    const name = toSnakeCase(key);
    const method = Reflect.get(source.instance, key) as Method;
    try {
      if (methods.has(name)) throw new Error('the class has two methods of that wire name');
      methods.set(name, buildHandler({ ...source, key, name, method, metadata }, schemas));
    } catch (error) {
      throw new RpcException(Errno.EINVAL, `Method ${source.service}.${name}: ${messageOf(error)}`);
    }
  }
  const { description = null } = classMetadata(type);
  return { name: source.service, owner: source.owner, description, methods };
}

/**
 * As {@link exploreService}, under the name that the class says itself.
 *
 * @throws Error when the class carries no `@provider`
 */
export function exploreProvider(
  source: Omit<ServiceSource, 'service'>,
  schemas: SchemaRegistry,
): Service {
  const { role } = classMetadata(source.instance.constructor);
  if (role?.kind !== 'provider') {
    throw new Error(`${source.instance.constructor.name} has no @provider with its name`);
  }
  return exploreService({ ...source, service: role.name }, schemas);
}

/** `@unauthenticated`, `@sender` and the like say more about a method that is offered; they offer none. */
function isCallable(metadata: MethodMetadata): boolean {
  const { description, accepts, returns, query, generator } = metadata;
  return [description, accepts, returns, query, generator].some((mark) => mark !== undefined);
}

function buildHandler(source: MethodSource, schemas: SchemaRegistry): MethodHandler {
  const { service, name, owner, metadata, method } = source;
  if (metadata.generator === undefined && isGeneratorFunction(method)) {
    throw new Error('it is a generator function: mark it with @generator()');
  }
  const options = { owner: owner.name };
  const argumentsValidator =
    metadata.accepts === undefined ? null : schemas.compileArguments(metadata.accepts, options);
  const resultValidator =
    metadata.returns === undefined
      ? null
      : schemas.compileValue(metadata.returns, 'result', options);
  const fragmentValidator =
    metadata.generator === undefined || resultValidator === null
      ? null
      : new FragmentValidator(resultValidator.schema, schemas, options);
  const count = metadata.accepts?.length ?? plainParameterCount(method, metadata);
  const parameterNames = metadata.params ?? namesFromSource(method, count);
  return {
    service,
    name,
    owner,
    access: {
      method: `${service}.${name}`,
      isUnauthenticated: metadata.unauthenticated ?? false,
      isPrivate: metadata.private ?? false,
      roles: metadata.roles ?? [],
    },
    argumentsValidator,
    resultValidator,
    fragmentValidator,
    isQuery: metadata.query !== undefined,
    isGenerator: metadata.generator ?? false,
    parameterNames,
    description: describe(source, { argumentsValidator, resultValidator, parameterNames }),
    invoke: buildInvoke(source, { argumentCount: count, parameterNames }),
  };
}

/** Without the mark its caller would get the generator object itself, which is `{}` on the wire. */
function isGeneratorFunction(method: Method): boolean {
  return Object.prototype.toString.call(method).endsWith('GeneratorFunction]');
}

/** Parameters of a method without `@accepts`: those before the first decorated one. */
function plainParameterCount(method: Method, { senderIndex, signalIndex }: MethodMetadata): number {
  return Math.min(method.length, senderIndex ?? Infinity, signalIndex ?? Infinity);
}

function buildInvoke(
  { instance, key, method, metadata, enhance }: MethodSource,
  signature: Pick<MethodShape, 'argumentCount' | 'parameterNames'>,
): MethodHandler['invoke'] {
  const { senderIndex, signalIndex } = metadata;
  const filledIndexes = [senderIndex, signalIndex].filter((index) => index !== undefined);
  const enhanced = enhance?.({ instance, key, method, filledIndexes, ...signature }) ?? null;
  const run = enhanced ?? ((args: unknown[]) => method.apply(instance, args));
  if (filledIndexes.length === 0) return run;
  return (args, call: Call) => {
    const all = args.slice();
    if (senderIndex !== undefined) all[senderIndex] = call.sender;
    if (signalIndex !== undefined) all[signalIndex] = call.signal;
    return run(all, call);
  };
}

interface Compiled {
  readonly argumentsValidator: ArgumentsValidator | null;
  readonly resultValidator: ValueValidator | null;
  readonly parameterNames: readonly string[] | null;
}

function describe({ name, metadata }: MethodSource, compiled: Compiled): MethodDescription {
  const { argumentsValidator, resultValidator, parameterNames } = compiled;
  return {
    name,
    description: metadata.description ?? null,
    private: metadata.private ?? false,
    unauthenticated: metadata.unauthenticated ?? false,
    generator: metadata.generator ?? false,
    deprecated: metadata.deprecated ?? null,
    roles: metadata.roles ?? [],
    parameters: parameterNames,
    ...(argumentsValidator && {
      'params-schema': {
        type: 'array' as const,
        items: argumentsValidator.schemas,
        minItems: argumentsValidator.minimum,
      },
    }),
    ...(resultValidator && { 'result-schema': resultValidator.schema }),
  };
}
