import type { Type } from '@nestjs/common';
import { Errno, RpcException } from '../common/index.js';
import type { SupervisedSource } from '../events/index.js';
import { Call, ResultStream } from '../rpc/index.js';
import type { SchemaArg } from '../schema/index.js';
import {
  Dispatcher,
  type EventHandler,
  type EventSource,
  type Provider,
  type Sender,
  type Task,
} from '../sdk/index.js';
import { type EventTypeOptions, PluginRegistrar } from './plugin-registrar.js';
import type { PluginScope } from './plugin-scope.js';
import type { Constructed } from './plugin-sources.js';
import { PluginSender } from './plugin-sender.js';
import { PluginStream } from './plugin-stream.js';
import { oneAtATime } from './one-at-a-time.js';
import type { Undo } from './registration-ledger.js';
import { copyValue } from './value-copy.js';

/** Makes an instance of a class with the plugin's own dependency injection. */
export type Construct = <T>(type: Type<T>) => Promise<T>;

/**
 * The server as one generation of one plugin sees it. Each has its own, because Nest calls the
 * lifecycle hooks of everything it injects, and because only so is it known whose a registration is.
 */
export class PluginDispatcher extends Dispatcher {
  readonly #registrar: PluginRegistrar;
  readonly #sender: Sender;
  #supervised: SupervisedSource | null = null;
  readonly #handlers: { mask: string; handler: EventHandler; key: object }[] = [];

  constructor(
    private readonly scope: PluginScope,
    private readonly construct: Construct,
    /** Name of the event source whose own this is; null for all other classes of the plugin. */
    private readonly source: string | null = null,
  ) {
    super();
    this.#registrar = new PluginRegistrar(scope);
    this.#sender = new PluginSender(scope);
  }

  async registerProvider(name: string, type: Type<Provider>): Promise<void> {
    const instance = await this.#make(type);
    this.#registrar.provider(name, instance);
  }

  unregisterProvider(name: string): void {
    void this.#takeBack('provider', name)();
  }

  async registerEventSource(name: string, type: Type<EventSource>): Promise<void> {
    const instance = await this.#make(type);
    this.enterSource(name, { type, instance });
  }

  /** Lends the source a dispatcher of its own, which ends with it, and enters it into the tables. */
  enterSource(name: string, { type, instance }: Constructed<EventSource>): void {
    const own = new PluginDispatcher(this.scope, this.construct, name);
    Object.assign(instance, { dispatcher: own });
    own.#supervised = this.#registrar.eventSource(name, { type, instance });
  }

  async unregisterEventSource(name: string): Promise<void> {
    await this.#takeBack('event source', name)();
    for (const type of this.scope.sources.typesOf(name)) {
      await this.scope.ledger.take('event type', type)?.();
    }
  }

  // A task is constructed for each run, so there is nothing to wait for yet
  // eslint-disable-next-line @typescript-eslint/require-await -- a rejection, never a throw, like its siblings
  async registerTaskHandler(name: string, type: Type<Task>): Promise<void> {
    this.scope.assertOpen();
    this.#registrar.task(name, type);
  }

  unregisterTaskHandler(name: string): void {
    void this.#takeBack('task', name)();
  }

  registerSchemaDefinition(name: string, schema: SchemaArg): void {
    this.scope.assertOpen();
    this.#registrar.schema(name, schema);
  }

  unregisterSchemaDefinition(name: string): void {
    void this.#takeBack('schema', name)();
  }

  registerEventType(name: string, options: EventTypeOptions = {}): void {
    this.#assertOpen();
    this.#registrar.eventType(name, options, this.source);
  }

  unregisterEventType(name: string): void {
    void this.#takeBack('event type', name)();
  }

  registerEventHandler(
    mask: string,
    handler: EventHandler,
    options: { readonly sync?: boolean } = {},
  ): EventHandler {
    this.scope.assertOpen();
    const { host, ledger } = this.scope;
    const registered: EventHandler =
      options.sync === true
        ? oneAtATime(handler, `Handler of plugin ${this.scope.name} for ${mask}`)
        : (args, name) => handler(args, name);
    const key = {};
    host.events.addHandler(mask, registered, options);
    this.#handlers.push({ mask, handler, key });
    ledger.add('event handler', key, () => host.events.removeHandler(mask, registered));
    return handler;
  }

  unregisterEventHandler(mask: string, handler: EventHandler): void {
    this.scope.assertOpen();
    const index = this.#handlers.findIndex(
      (entry) => entry.mask === mask && entry.handler === handler,
    );
    const [entry] = index === -1 ? [] : this.#handlers.splice(index, 1);
    if (entry === undefined) throw this.#notRegistered('event handler', mask);
    void this.scope.ledger.take('event handler', entry.key)?.();
  }

  protected override get ended(): AbortSignal {
    return this.scope.signal;
  }

  emitEvent(name: string, args: Record<string, unknown>): void {
    this.#assertOpen();
    this.scope.host.events.publishForeign(
      name,
      copyValue(args) as Record<string, unknown>,
      this.scope,
    );
  }

  async callSync<T = unknown>(method: string, ...args: unknown[]): Promise<T> {
    this.scope.assertOpen();
    const call = new Call(method, copyValue(args), this.#sender, {
      owner: this.scope.name,
      wantsStream: true,
    });
    const result = await this.scope.host.pipeline.execute(call);
    if (result instanceof ResultStream) return new PluginStream(result, call, this.scope) as T;
    return copyValue(result) as T;
  }

  /** A loop that went on after its source was stopped can publish nothing more. */
  #assertOpen(): void {
    this.scope.assertOpen();
    if (this.#supervised?.isStopped !== true) return;
    throw new Error(`Event source ${String(this.source)} was stopped and may not publish any more`);
  }

  async #make<T>(type: Type<T>): Promise<T> {
    this.scope.assertOpen();
    const instance = await this.construct(type);
    this.scope.assertOpen(); // the plugin may have been unloaded meanwhile
    return instance;
  }

  #takeBack(kind: string, name: string): Undo {
    this.scope.assertOpen();
    const undo = this.scope.ledger.take(kind, name);
    if (undo === undefined) throw this.#notRegistered(kind, name);
    return undo;
  }

  #notRegistered(kind: string, name: string): RpcException {
    return new RpcException(
      Errno.ENOENT,
      `Plugin ${this.scope.name} has registered no ${kind} ${name}`,
    );
  }
}
