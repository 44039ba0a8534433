import type { CallOptions } from './calls.js';
import type { DispatcherClient } from './dispatcher-client.js';
import type { SubscribeOptions, Subscription } from './events/event-client.js';
import type { DispatcherEvent } from './events/event-map.js';
import type { SubmitOptions } from './tasks/task-types.js';

/** What a server offers, as types; `dispatcherctl codegen` writes them. */
export interface ApiShape {
  readonly services: object;
  readonly tasks: object;
  readonly events: object;
}

export interface TypedTask<Task> {
  /** Resolves with the id of the task when the server has it on disk. */
  submit(...args: ArgsOf<Task>): Promise<number>;
  /** Resolves with the result; rejects with what it failed with. */
  run(
    ...args: ArgsOf<Task>
  ): Promise<Task extends { readonly result: infer Result } ? Result : unknown>;
}
type ArgsOf<Task> = Task extends { readonly args: infer Args extends readonly unknown[] }
  ? Args
  : never;

export interface TypedEvents<Events> {
  on<Name extends keyof Events & string>(
    name: Name,
    handler: (event: DispatcherEvent<Name, Events[Name]>) => void,
    options?: SubscribeOptions,
  ): Subscription;
}

/**
 * A client whose services are properties. Where a service is called `tasks`, `events` or `with`, it is
 * found with a `$` before its name.
 */
export type TypedClient<Api extends ApiShape> = Api['services'] & {
  readonly tasks: { readonly [Name in keyof Api['tasks']]: TypedTask<Api['tasks'][Name]> };
  readonly events: TypedEvents<Api['events']>;
  /** The same with a signal, a time limit, or what a submit takes. */
  with(options: CallOptions & SubmitOptions): TypedClient<Api>;
};

export interface TypedClientOptions {
  /** Methods that answer with a stream. */
  readonly streams: readonly string[];
}

/**
 * The client with the types of one server's API. Nothing is asked of the server: what it does not
 * know it refuses when it is called.
 *
 * @example
 * const api = typedClient<Api>(client, { streams: ['log.follow'] });
 * const rows = await api.task.query([['state', '=', 'FAILED']]);
 * await api.with({ signal }).tasks['files.copy'].run({ source: '/a', destination: '/b' });
 */
export function typedClient<Api extends ApiShape>(
  client: DispatcherClient,
  { streams }: TypedClientOptions,
  options: CallOptions & SubmitOptions = {},
): TypedClient<Api> {
  const own: Readonly<Record<string, unknown>> = {
    tasks: byName((name) => ({
      submit: (...args: unknown[]) => client.tasks.submit(name, args, options),
      run: (...args: unknown[]) => client.tasks.run(name, args, options),
    })),
    events: client.events,
    with: (more: CallOptions) => typedClient(client, { streams }, { ...options, ...more }),
  };
  return byName((name) => {
    if (Object.hasOwn(own, name)) return own[name];
    const service =
      name.startsWith('$') && Object.hasOwn(own, name.slice(1)) ? name.slice(1) : name;
    return byName((method) => {
      const path = `${service}.${method}`;
      return streams.includes(path)
        ? (...args: unknown[]) => client.stream(path, args, options)
        : (...args: unknown[]) => client.call(path, args, options);
    });
  }) as TypedClient<Api>;
}

/** An object that makes its properties when they are asked for; none of it looks like a promise. */
function byName(make: (name: string) => unknown): object {
  return new Proxy(Object.freeze({}), {
    get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : make(name)),
  });
}
