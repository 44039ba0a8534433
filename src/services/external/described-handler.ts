import { coded, Errno, isDispatcherError, RpcException } from '../../common/index.js';
import {
  FILTER_SCHEMA,
  parseFilter,
  parseParams,
  QUERY_PARAMS_SCHEMA,
} from '../../common/query/index.js';
import {
  type Call,
  FragmentValidator,
  type MethodHandler,
  type ServiceOwner,
} from '../../rpc/index.js';
import type { SchemaRegistry } from '../../schema/index.js';
import { h, type SchemaArg } from '../../sdk/index.js';
import type { DescribedMethod } from './described-method.js';
import type { MethodDescription } from '../../wire/index.js';

export interface HandlerSource {
  readonly service: string;
  readonly owner: ServiceOwner;
  readonly schemas: SchemaRegistry;
  /** Asks the service. */
  readonly forward: (method: string, args: unknown, call: Call) => Promise<unknown>;
}

/**
 * The handler of a method that its service described: everything that was said is kept to here, as
 * for a plugin's, before anything is forwarded.
 *
 * @throws RpcException EINVAL naming the method and what is wrong with its schemas
 */
export function describedHandler(method: DescribedMethod, source: HandlerSource): MethodHandler {
  try {
    return build(method, source);
  } catch (error) {
    if (!isDispatcherError(error)) throw error;
    const name = `${source.service}.${method.name}`;
    throw new RpcException(Errno.EINVAL, `Method ${name}: ${error.message}`, error.extra);
  }
}

function build(
  method: DescribedMethod,
  { service, owner, schemas, forward }: HandlerSource,
): MethodHandler {
  const { name, isGenerator, isPrivate, roles, row } = method;
  const { accepts, returns, parameters } = row === null ? plainShape(method) : queryShape(row);
  const options = { owner: owner.name };
  const argumentsValidator = accepts === null ? null : schemas.compileArguments(accepts, options);
  const resultValidator =
    returns === null ? null : schemas.compileValue(returns, 'result', options);
  const full = `${service}.${name}`;
  const description: MethodDescription = {
    name,
    description: method.description,
    private: isPrivate,
    unauthenticated: false,
    generator: isGenerator,
    deprecated: method.deprecated,
    roles,
    parameters,
    ...(argumentsValidator && {
      'params-schema': {
        type: 'array' as const,
        items: argumentsValidator.schemas,
        minItems: argumentsValidator.minimum,
      },
    }),
    ...(resultValidator && { 'result-schema': resultValidator.schema }),
  };
  return {
    service,
    name,
    owner,
    access: { method: full, isUnauthenticated: false, isPrivate, roles },
    argumentsValidator,
    resultValidator,
    fragmentValidator:
      isGenerator && resultValidator !== null
        ? new FragmentValidator(resultValidator.schema, schemas, options)
        : null,
    isQuery: row !== null,
    isGenerator,
    isForwarded: true,
    parameterNames: parameters,
    description,
    invoke: (args, call) => {
      if (row !== null) assertQuery(args);
      const passed = argumentsValidator === null ? (call.args ?? []) : args;
      const answer = forward(full, passed, call);
      return isGenerator ? answer : answer.then(assertNoStream);
    },
  };
}

interface Shape {
  readonly accepts: readonly SchemaArg[] | null;
  readonly returns: SchemaArg | null;
  readonly parameters: readonly string[] | null;
}

function plainShape({ accepts, required, returns, parameters }: DescribedMethod): Shape {
  if (accepts !== null && parameters !== null && parameters.length !== accepts.length) {
    throw new RpcException(
      Errno.EINVAL,
      `parameters names ${parameters.length} arguments, params-schema describes ${accepts.length}`,
    );
  }
  const args = accepts?.map((schema, at) => (at < required ? schema : h.optional(schema))) ?? null;
  return { accepts: args, returns, parameters };
}

/** What `@query` makes of a method. */
function queryShape(row: SchemaArg): Shape {
  return {
    accepts: [h.optional(FILTER_SCHEMA), h.optional(QUERY_PARAMS_SCHEMA)],
    returns: h.anyOf(h.array(row), row, h.integer(), null),
    parameters: ['filter', 'params'],
  };
}

/** @throws RpcException EINVAL for what the schema of a filter cannot say: depth, patterns, fields */
function assertQuery([filter, params]: readonly unknown[]): void {
  parseFilter(filter ?? null);
  parseParams(params);
}

async function assertNoStream(result: unknown): Promise<unknown> {
  const isStream = typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
  if (!isStream) return result;
  await (result as AsyncIterableIterator<unknown>).return?.();
  const reason = 'it streams, and its method is not described as a generator';
  throw coded('SERVICE_ANSWER_INVALID', { reason });
}
