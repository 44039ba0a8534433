import type { Type } from '@nestjs/common';
import type { SupervisedSource } from '../events/index.js';
import type { SchemaArg } from '../schema/index.js';
import type {
  DebugHook,
  EventHandler,
  EventSource,
  HookFn,
  Provider,
  ResourceParents,
  Task,
} from '../sdk/index.js';
import type { Construct } from './construct.js';
import { type EventTypeOptions, PluginRegistrar } from './plugin-registrar.js';
import type { PluginScope } from './plugin-scope.js';
import type { Constructed } from './plugin-sources.js';
import { ScopedDispatcher } from './scoped-dispatcher.js';

/**
 * The server as one generation of one plugin sees it. Each has its own, because Nest calls the
 * lifecycle hooks of everything it injects, and because only so is it known whose a registration is.
 */
export class PluginDispatcher extends ScopedDispatcher {
  readonly #registrar: PluginRegistrar;
  #supervised: SupervisedSource | null = null;

  constructor(
    protected override readonly scope: PluginScope,
    private readonly construct: Construct,
    /** Name of the event source whose own this is; null for all other classes of the plugin. */
    private readonly source: string | null = null,
  ) {
    super(scope);
    this.#registrar = new PluginRegistrar(scope);
  }

  async registerProvider(name: string, type: Type<Provider>): Promise<void> {
    const instance = await this.#make(type);
    this.#registrar.provider(name, instance);
  }

  unregisterProvider(name: string): void {
    void this.takeBack('provider', name)();
  }

  async registerEventSource(name: string, type: Type<EventSource>): Promise<void> {
    const instance = await this.#make(type);
    this.enterSource(name, { type, instance });
  }

  /** Gives the source a dispatcher of its own, which ends with it, and enters it into the tables. */
  enterSource(name: string, { type, instance }: Constructed<EventSource>): void {
    const own = new PluginDispatcher(this.scope, this.construct, name);
    Object.assign(instance, { dispatcher: own });
    own.#supervised = this.#registrar.eventSource(name, { type, instance });
  }

  async unregisterEventSource(name: string): Promise<void> {
    await this.takeBack('event source', name)();
    for (const type of this.scope.sources.typesOf(name)) {
      await this.scope.undoStack.take('event type', type)?.();
    }
  }

  // A task is constructed for each run, so there is nothing to wait for yet
  // eslint-disable-next-line @typescript-eslint/require-await -- a rejection, never a throw, like its siblings
  async registerTaskHandler(name: string, type: Type<Task>): Promise<void> {
    this.#register(() => this.#registrar.task(name, type, this.construct));
  }

  unregisterTaskHandler(name: string): void {
    this.#register(() => void this.takeBack('task', name)());
  }

  registerSchemaDefinition(name: string, schema: SchemaArg): void {
    this.#register(() => this.#registrar.schema(name, schema));
  }

  unregisterSchemaDefinition(name: string): void {
    this.#register(() => void this.takeBack('schema', name)());
  }

  registerEventType(name: string, options: EventTypeOptions = {}): void {
    this.assertMayPublish();
    this.#register(() => this.#registrar.eventType(name, options, this.source));
  }

  unregisterEventType(name: string): void {
    this.#register(() => void this.takeBack('event type', name)());
  }

  registerHook(name: string): void {
    const { host, undoStack } = this.scope;
    this.#register(() => {
      host.hooks.register(name, this.scope.name);
      undoStack.add('hook', name, () => host.hooks.unregister(name, this.scope.name));
    });
  }

  attachHook(name: string, fn: HookFn): void {
    const { host, undoStack } = this.scope;
    this.#register(() => {
      host.hooks.attach(name, fn);
      undoStack.add(`hook ${name}`, fn, () => host.hooks.detach(name, fn));
    });
  }

  detachHook(name: string, fn: HookFn): void {
    this.#register(() => void this.takeBack(`hook ${name}`, fn, 'function')());
  }

  registerDebugHook(fn: DebugHook): void {
    const { host, undoStack } = this.scope;
    this.#register(() => undoStack.add('debug hook', {}, host.debugHooks.add(this.scope.name, fn)));
  }

  registerTaskHook(hook: string, task: string, condition?: SchemaArg): void {
    this.#register(() => this.#registrar.taskHook(hook, task, condition));
  }

  unregisterTaskHook(hook: string, task: string): void {
    this.#register(() => void this.takeBack('task hook', `${hook} ${task}`)());
  }

  override registerEventHandler(
    mask: string,
    handler: EventHandler,
    options: { readonly sync?: boolean } = {},
  ): EventHandler {
    this.#register(() => super.registerEventHandler(mask, handler, options));
    return handler;
  }

  override unregisterEventHandler(mask: string, handler: EventHandler): void {
    this.#register(() => super.unregisterEventHandler(mask, handler));
  }

  override async registerResource(name: string, options: ResourceParents = {}): Promise<void> {
    await this.#register(() => super.registerResource(name, options));
  }

  override async updateResource(
    name: string,
    options: ResourceParents & { readonly parents: readonly string[] },
  ): Promise<void> {
    await this.#register(() => super.updateResource(name, options));
  }

  override async renameResource(from: string, to: string): Promise<void> {
    await this.#register(() => super.renameResource(from, to));
  }

  override async unregisterResource(name: string): Promise<void> {
    await this.#register(() => super.unregisterResource(name));
  }

  /** A loop that went on after its source was stopped can publish nothing more. */
  protected override assertMayPublish(): void {
    this.scope.assertOpen();
    if (this.#supervised?.isStopped !== true) return;
    throw new Error(`Event source ${String(this.source)} was stopped and may not publish any more`);
  }

  /** At once, or when this generation takes charge: the one before it may still have the names. */
  #register<T>(registration: () => T): T | undefined {
    this.scope.assertOpen();
    return this.scope.register(registration);
  }

  async #make<T>(type: Type<T>): Promise<T> {
    this.scope.assertOpen();
    const instance = await this.construct(type);
    this.scope.assertOpen(); // the plugin may have been unloaded meanwhile
    return instance;
  }
}
