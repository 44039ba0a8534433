import { assertForeign } from '../events/index.js';
import { REFUSED_TO_TASKS } from '../plugin-host/runtime.js';
import {
  Dispatcher,
  type EventHandler,
  type NewResource,
  type ResourceParents,
} from '../sdk/index.js';
import { Errno, RpcException } from '../common/index.js';
import type { TaskLink } from './task-link.js';

interface Handled {
  readonly mask: string;
  readonly handler: EventHandler;
  readonly link: TaskLink;
  readonly number: number;
}

/** The dispatcher of a task in a process of its own: the server's, asked over the boundary. */
export class RemoteDispatcher extends Dispatcher {
  readonly #handlers: Handled[] = [];

  /** @param link the task that asks */
  constructor(private readonly link: () => TaskLink) {
    super();
  }

  protected override get ended(): AbortSignal {
    return this.link().signal;
  }

  registerEventHandler(
    mask: string,
    handler: EventHandler,
    options: { readonly sync?: boolean } = {},
  ): EventHandler {
    const link = this.link();
    const number = link.listen(mask, handler, { isSync: options.sync === true });
    this.#handlers.push({ mask, handler, link, number });
    return handler;
  }

  unregisterEventHandler(mask: string, handler: EventHandler): void {
    const index = this.#handlers.findIndex(
      (entry) => entry.mask === mask && entry.handler === handler,
    );
    const [entry] = index === -1 ? [] : this.#handlers.splice(index, 1);
    if (entry === undefined) {
      throw new RpcException(Errno.ENOENT, `This task has registered no event handler ${mask}`);
    }
    entry.link.unlisten(entry.number);
  }

  emitEvent(name: string, args: Record<string, unknown>): void {
    assertForeign(name);
    this.link().tell('dispatcher', 'emitEvent', [name, args]);
  }

  callSync<T = unknown>(method: string, ...args: unknown[]): Promise<T> {
    return this.#ask('callSync', [method, ...args]);
  }

  submitTask(name: string, ...args: unknown[]): Promise<number> {
    return this.#ask('submitTask', [name, ...args]);
  }

  /** As a subtask: who holds locks must not wait for strangers. */
  async callTaskSync<T = unknown>(name: string, ...args: unknown[]): Promise<T> {
    const link = this.link();
    const id = await link.ask<number>('task', 'startSubtask', [{ name, args }]);
    return link.ask<T>('task', 'joinSubtask', [id]);
  }

  registerResource(name: string, options?: NewResource): Promise<void> {
    return this.#act('registerResource', [name, options]);
  }

  updateResource(
    name: string,
    options: ResourceParents & { readonly parents: readonly string[] },
  ): Promise<void> {
    return this.#act('updateResource', [name, options]);
  }

  renameResource(from: string, to: string): Promise<void> {
    return this.#act('renameResource', [from, to]);
  }

  unregisterResource(name: string): Promise<void> {
    return this.#act('unregisterResource', [name]);
  }

  runHook(name: string, ...args: unknown[]): Promise<boolean> {
    return this.#ask('runHook', [name, ...args]);
  }

  registerProvider = REFUSED_TO_TASKS.registerProvider;
  unregisterProvider = REFUSED_TO_TASKS.unregisterProvider;
  registerEventSource = REFUSED_TO_TASKS.registerEventSource;
  unregisterEventSource = REFUSED_TO_TASKS.unregisterEventSource;
  registerTaskHandler = REFUSED_TO_TASKS.registerTaskHandler;
  unregisterTaskHandler = REFUSED_TO_TASKS.unregisterTaskHandler;
  registerSchemaDefinition = REFUSED_TO_TASKS.registerSchemaDefinition;
  unregisterSchemaDefinition = REFUSED_TO_TASKS.unregisterSchemaDefinition;
  registerEventType = REFUSED_TO_TASKS.registerEventType;
  unregisterEventType = REFUSED_TO_TASKS.unregisterEventType;
  registerHook = REFUSED_TO_TASKS.registerHook;
  attachHook = REFUSED_TO_TASKS.attachHook;
  detachHook = REFUSED_TO_TASKS.detachHook;
  registerDebugHook = REFUSED_TO_TASKS.registerDebugHook;
  registerTaskHook = REFUSED_TO_TASKS.registerTaskHook;
  unregisterTaskHook = REFUSED_TO_TASKS.unregisterTaskHook;

  async #ask<T>(method: string, args: readonly unknown[]): Promise<T> {
    return await this.link().ask<T>('dispatcher', method, args);
  }

  async #act(method: string, args: readonly unknown[]): Promise<void> {
    await this.link().ask('dispatcher', method, args);
  }
}
