import type { ServedCall } from './served-call.js';

/** A JSON Schema. */
export type ServiceSchema = boolean | Readonly<Record<string, unknown>>;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a method takes is its own to say
export type ServiceFunction = (args: any, call: ServedCall) => unknown;

/** A method with what the server checks and shows of it, as a plugin's decorators would say it. */
export interface ServiceMethod {
  readonly description?: string;
  readonly deprecated?: string;
  /** A schema for each argument, by position; not given, arguments are passed on as they came. */
  readonly accepts?: readonly ServiceSchema[];
  /** How many arguments must be given; default all. */
  readonly required?: number;
  /** Names of the arguments, for calls that pass an object. */
  readonly parameters?: readonly string[];
  readonly returns?: ServiceSchema;
  /** Who may call it; default `reader` and above. */
  readonly roles?: readonly string[];
  /** Only plugins and services may call it. */
  readonly private?: boolean;
  /** It answers with an async iterable, whose items are sent as they come. */
  readonly generator?: boolean;
  /** It takes a filter and params; with the schema of a row. */
  readonly query?: ServiceSchema;
  /** Gets the arguments as a list, or as an object where the caller gave one and they have no names. */
  readonly run: ServiceFunction;
}

/** Methods by name. A bare function is not described: it is for `admin` and other services. */
export type Service = Readonly<Record<string, ServiceMethod | ServiceFunction>>;

/** What `plugin.register_service` takes as `methods`; null when nothing is described. */
export function describeMethods(service: Service): Record<string, object> | null {
  const described = Object.entries(service).flatMap(([name, method]) =>
    typeof method === 'function' ? [] : [[name, describeMethod(method)] as const],
  );
  return described.length === 0 ? null : Object.fromEntries(described);
}

function describeMethod(method: ServiceMethod): object {
  const { accepts, required, returns, run, ...rest } = method;
  return {
    ...rest,
    ...(accepts !== undefined && {
      'params-schema': { type: 'array', items: accepts, minItems: required ?? accepts.length },
    }),
    ...(returns !== undefined && { 'result-schema': returns }),
  };
}

export function functionOf(service: Service, method: string): ServiceFunction | null {
  const found = Object.hasOwn(service, method) ? service[method] : undefined;
  if (found === undefined) return null;
  return typeof found === 'function' ? found : (args, call) => found.run(args, call);
}
