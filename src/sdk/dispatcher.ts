import type { Type } from '@nestjs/common';
import { Errno, isObject, RpcException } from '../common/index.js';
import type { SchemaArg } from '../schema/index.js';
import { type EventArgs, type EventMatch, EventWait, type EventWaitOptions } from './event-wait.js';
import type { EventHandler } from './event-handler.js';
import type { EventSourceMembers, ServerMembers, TaskMembers } from './server-members.js';

/** Where a resource hangs in the graph: see the method that takes it. */
export interface ResourceParents {
  /** What the resource depends on; `root` if none is named. */
  readonly parents?: readonly string[];
  /** What depends on the resource. */
  readonly children?: readonly string[];
}

export interface NewResource extends ResourceParents {
  /**
   * Where several servers run their tasks together: each has one of its own (`node`, the default), or it is
   * the same for all of them (`all`). Without others both are the same.
   */
  readonly scope?: 'all' | 'node';
}

/** A function on a hook; false, or an exception, stops the functions behind it. */
export type HookFn = (...args: unknown[]) => unknown;

/** Files for `management.collect_debug` by name: text and bytes as they are, anything else as JSON. */
export type DebugFiles = Readonly<Record<string, unknown>>;
export type DebugHook = () => DebugFiles | Promise<DebugFiles>;

/**
 * The server as a plugin sees it: injectable into every class of a plugin. Whatever is registered
 * here belongs to the plugin and is taken back when the plugin is unloaded, `cleanup` or not.
 *
 * @example
 * constructor(private readonly dispatcher: Dispatcher) {}
 * async init() { await this.dispatcher.registerProvider('user', UserProvider); }
 */
export abstract class Dispatcher {
  /**
   * Makes one instance of `type`, with dependency injection, and offers its decorated methods
   * under `name`.
   *
   * @throws RpcException EEXIST when the name is taken, EINVAL when a schema is invalid
   */
  abstract registerProvider(name: string, type: Type<ServerMembers>): Promise<void>;
  /** @throws RpcException ENOENT when this plugin has no provider of that name */
  abstract unregisterProvider(name: string): void;

  /** @throws RpcException EEXIST when the name is taken */
  abstract registerEventSource(name: string, type: Type<EventSourceMembers>): Promise<void>;
  /** Stops the source's loop and resolves when it has ended. */
  abstract unregisterEventSource(name: string): Promise<void>;

  /** @throws RpcException EEXIST when the name is taken, EINVAL when a schema is invalid */
  abstract registerTaskHandler(name: string, type: Type<TaskMembers>): Promise<void>;
  abstract unregisterTaskHandler(name: string): void;

  /**
   * Adds a named definition that any schema may refer to by `h.ref(name)`.
   *
   * @throws RpcException EEXIST when the name is taken, EINVAL when it is not a JSON Schema
   */
  abstract registerSchemaDefinition(name: string, schema: SchemaArg): void;
  abstract unregisterSchemaDefinition(name: string): void;

  /**
   * Makes an event known to discovery; with a schema, an event that does not fit is not delivered. Where
   * several servers share their events, one of scope `node` leaves its server only while somebody at
   * another one has subscribed to it, has no place in the order of all and is not replayed: for what is
   * told all the time.
   */
  abstract registerEventType(
    name: string,
    options?: {
      readonly schema?: SchemaArg;
      readonly description?: string;
      readonly scope?: 'all' | 'node';
    },
  ): void;
  abstract unregisterEventType(name: string): void;

  /**
   * Calls `handler` for every event whose name matches the glob `mask`. Returns the handler.
   *
   * With `sync` it sees one event after another, and the next event of a plugin or client waits, for
   * everybody, until the handler has settled with the last one; for 30 seconds at most. The server's
   * own events wait for nobody. A synchronous handler may publish, but must not wait for what its own
   * plugin publishes meanwhile: that waits for the handler.
   *
   * @throws RpcException EINVAL for a mask of more than 256 characters
   */
  abstract registerEventHandler(
    mask: string,
    handler: EventHandler,
    options?: { readonly sync?: boolean },
  ): EventHandler;
  abstract unregisterEventHandler(mask: string, handler: EventHandler): void;

  /**
   * Publishes an event to handlers and subscribed clients.
   *
   * @throws RpcException EPERM for names under `server.`, `task.`, `plugin.` and `session.`
   */
  abstract emitEvent(name: string, args: Record<string, unknown>): void;

  /**
   * Resolves with null when the condition holds, else with the args of the first event that fits.
   * It listens before it asks, so that an event which makes the condition true is never missed.
   *
   * `event` is a name or a glob. The condition may be asynchronous.
   *
   * @throws RpcException ETIMEDOUT after `timeoutMs`; ECANCELED when `signal` fires or the plugin is
   *   unloaded; whatever `match` or the condition throws
   * @example
   * await this.dispatcher.testOrWaitForEvent('pool.changed', ({ id }) => id === pool,
   *   () => this.isOnline(pool), { timeoutMs: 30_000 });
   */
  testOrWaitForEvent(
    event: string,
    match: EventMatch,
    initialCondition: () => boolean | Promise<boolean>,
    options: EventWaitOptions = {},
  ): Promise<EventArgs | null> {
    return this.#wait(event, match, options, async () => await initialCondition());
  }

  /**
   * Runs `fn` and resolves, once it is done, with the args of the first event that fits and was
   * published since `fn` began. It listens first, so that an event which `fn` causes at once counts.
   *
   * @throws RpcException ETIMEDOUT after `timeoutMs`, counted from the beginning; ECANCELED when
   *   `signal` fires or the plugin is unloaded; whatever `match` or `fn` throws
   * @example
   * const { id } = await this.dispatcher.execAndWaitForEvent('job.done', (args) => args.job === job,
   *   () => this.begin(job), { timeoutMs: 5_000, signal });
   */
  async execAndWaitForEvent(
    event: string,
    match: EventMatch,
    fn: () => unknown,
    options: EventWaitOptions = {},
  ): Promise<EventArgs> {
    const args = await this.#wait(event, match, options, async () => {
      await fn();
      return false;
    });
    return args ?? {}; // null stands for a condition that held, and there is none here
  }

  /** Fires when whoever this dispatcher was lent to comes to an end; waits end with it. */
  protected get ended(): AbortSignal | null {
    return null;
  }

  #wait(
    event: string,
    match: EventMatch,
    options: EventWaitOptions,
    begin: () => Promise<boolean>,
  ): Promise<EventArgs | null> {
    return new EventWait({
      event,
      match,
      options,
      begin,
      ended: this.ended,
      listen: (mask, handler) => this.registerEventHandler(mask, handler),
      unlisten: (mask, handler) => this.unregisterEventHandler(mask, handler),
    }).run();
  }

  /**
   * Calls a method of any service by the pipeline that clients use: arguments and result are
   * validated. The name is the specification's; the answer is a promise. A `@generator()` method
   * answers with an `AsyncIterable` of its items, as {@link callStream} does.
   *
   * @throws RpcException whatever the call answers
   * @example
   * const info = await this.dispatcher.callSync<SystemInfo>('system.info');
   */
  abstract callSync<T = unknown>(method: string, ...args: unknown[]): Promise<T>;

  /**
   * Submits a task as this plugin and returns its id, once its row is on disk.
   *
   * @throws (rejects with) RpcException EINVAL for an unknown task or arguments that do not fit
   */
  abstract submitTask(name: string, ...args: unknown[]): Promise<number>;

  /**
   * Submits a task, waits for its end and gives its result. Inside a running task it runs as a
   * subtask of that: who holds locks must not wait for others.
   *
   * @throws (rejects with) RpcException with the code and message that the task failed with
   */
  abstract callTaskSync<T = unknown>(name: string, ...args: unknown[]): Promise<T>;

  /**
   * Adds something that tasks can lock. It belongs to the plugin and goes when the plugin is
   * unloaded, or when the task that holds it then ends.
   *
   * @throws (rejects with) RpcException EEXIST for a name in use, ENOENT for an unknown parent or
   *   child, EINVAL naming the cycle that the edge would close, EBUSY when two running tasks would
   *   come to share it
   * @example
   * await this.dispatcher.registerResource('zpool:tank', { parents: ['disk:/dev/da0', 'disk:/dev/da1'] });
   */
  abstract registerResource(name: string, options?: NewResource): Promise<void>;
  /** Gives a resource other parents. @throws (rejects with) as {@link registerResource} does */
  abstract updateResource(
    name: string,
    options: ResourceParents & { readonly parents: readonly string[] },
  ): Promise<void>;
  /** Whoever holds the resource goes on holding it. @throws (rejects with) RpcException ENOENT, EEXIST */
  abstract renameResource(from: string, to: string): Promise<void>;
  /** Removes the resource and those below it that hang on nothing else. @throws (rejects with) ENOENT */
  abstract unregisterResource(name: string): Promise<void>;

  /**
   * Offers a hook: a place where other plugins may have a say.
   *
   * @throws RpcException EEXIST when another plugin offers it
   */
  abstract registerHook(name: string): void;
  /** Puts a function on a hook, behind those that are there. @throws RpcException ENOENT */
  abstract attachHook(name: string, fn: HookFn): void;
  abstract detachHook(name: string, fn: HookFn): void;
  /**
   * Calls the functions on a hook in order; false as soon as one answers false or throws (which is
   * logged), and then the others are not called.
   *
   * @throws (rejects with) RpcException ENOENT when nobody offers the hook
   */
  abstract runHook(name: string, ...args: unknown[]): Promise<boolean>;

  /**
   * Adds files to the archive of `management.collect_debug`, below `plugins/` and the plugin's name.
   * The function is asked each time one is made and has 10 s. In what becomes JSON, passwords and
   * tokens are hidden; in text the plugin hides them itself.
   *
   * @example
   * this.dispatcher.registerDebugHook(async () => ({ 'pools.json': await this.pools.list() }));
   */
  abstract registerDebugHook(fn: DebugHook): void;

  /**
   * Lets `task` run, as a subtask with the same arguments, before or after every run of another
   * task, or when it failed: `hook` is that task's name with `:before`, `:after` or `:error`. With a
   * condition only when the list of arguments fits that schema. A `before` or `after` that fails
   * makes the task fail; an `error` that fails is a warning.
   *
   * @throws RpcException EINVAL for a malformed hook or an invalid schema
   * @example
   * this.dispatcher.registerTaskHook('user.create:after', 'mail.create_box');
   */
  abstract registerTaskHook(hook: string, task: string, condition?: SchemaArg): void;
  /** @throws RpcException ENOENT when this plugin has registered no such hook */
  abstract unregisterTaskHook(hook: string, task: string, condition?: SchemaArg): void;

  /**
   * Calls a method and gives its items one by one, each produced only when it is asked for. Leaving
   * the loop ends the producer: its `finally` runs. A method that answers with an array gives the
   * items of that. The call is made when the first item is asked for.
   *
   * @throws RpcException (from the loop) whatever the call answers; EINVAL when that is no list
   * @example
   * for await (const line of this.dispatcher.callStream<string>('syslog.follow')) { ... }
   */
  async *callStream<T = unknown>(method: string, ...args: unknown[]): AsyncGenerator<T, void> {
    const result = await this.callSync(method, ...args);
    const isList = Array.isArray(result) || (isObject(result) && Symbol.asyncIterator in result);
    if (!isList) throw new RpcException(Errno.EINVAL, `Method ${method} answers with no list`);
    yield* result as readonly T[] | AsyncIterable<T>;
  }
}
