import { currentCause, Errno, RpcException } from '../common/index.js';
import { Call, ResultStream } from '../rpc/index.js';
import {
  Dispatcher,
  type EventHandler,
  type NewResource,
  type ResourceParents,
} from '../sdk/index.js';
import type { CallerScope } from './caller-scope.js';
import { oneAtATime } from './one-at-a-time.js';
import { PluginSender } from './plugin-sender.js';
import { PluginStream } from './plugin-stream.js';
import type { Undo } from './undo-stack.js';
import { copyValue } from './value-copy.js';

interface Handled {
  readonly mask: string;
  readonly handler: EventHandler;
  readonly key: object;
}

/** What of the dispatcher plugins and their tasks have in common: all but what only `init` may do. */
export abstract class ScopedDispatcher extends Dispatcher {
  #sender: PluginSender | null = null;
  readonly #handlers: Handled[] = [];

  constructor(protected readonly scope: CallerScope) {
    super();
  }

  protected override get ended(): AbortSignal {
    return this.scope.signal;
  }

  protected get sender(): PluginSender {
    return (this.#sender ??= new PluginSender(this.scope));
  }

  registerEventHandler(
    mask: string,
    handler: EventHandler,
    options: { readonly sync?: boolean } = {},
  ): EventHandler {
    this.scope.assertOpen();
    const { host, undoStack } = this.scope;
    const registered: EventHandler =
      options.sync === true
        ? oneAtATime(handler, `Handler of plugin ${this.scope.name} for ${mask}`)
        : (args, name) => handler(args, name);
    const key = {};
    host.events.addHandler(mask, registered, options);
    this.#handlers.push({ mask, handler, key });
    undoStack.add('event handler', key, () => host.events.removeHandler(mask, registered));
    return handler;
  }

  unregisterEventHandler(mask: string, handler: EventHandler): void {
    this.scope.assertOpen();
    const index = this.#handlers.findIndex(
      (entry) => entry.mask === mask && entry.handler === handler,
    );
    const [entry] = index === -1 ? [] : this.#handlers.splice(index, 1);
    if (entry === undefined) throw this.notRegistered('event handler', mask);
    void this.scope.undoStack.take('event handler', entry.key)?.();
  }

  emitEvent(name: string, args: Record<string, unknown>): void {
    this.assertMayPublish();
    this.scope.host.events.publishForeign(
      name,
      copyValue(args) as Record<string, unknown>,
      this.scope,
    );
  }

  async callSync<T = unknown>(method: string, ...args: unknown[]): Promise<T> {
    this.scope.assertOpen();
    const cause = currentCause();
    const call = new Call(method, copyValue(args), this.sender, {
      owner: this.scope.name,
      wantsStream: true,
      ...(cause !== null && { cause }),
    });
    const result = await this.scope.host.pipeline.execute(call);
    if (result instanceof ResultStream) return new PluginStream(result, call, this.scope) as T;
    return copyValue(result) as T;
  }

  async submitTask(name: string, ...args: unknown[]): Promise<number> {
    this.scope.assertOpen();
    const { sender } = this;
    return this.scope.host.taskSubmitter.submit({
      name,
      args: copyValue(args) as unknown[],
      sender,
    });
  }

  async callTaskSync<T = unknown>(name: string, ...args: unknown[]): Promise<T> {
    const id = await this.submitTask(name, ...args);
    return copyValue(await this.scope.host.taskSubmitter.resultOf(id)) as T;
  }

  // Promises, although the graph answers at once: a task in another process must ask for it
  async registerResource(
    name: string,
    { parents, children, scope }: NewResource = {},
  ): Promise<void> {
    this.scope.assertOpen();
    const owner = this.scope.name;
    this.scope.host.resources.register(name, {
      owner,
      ...(scope !== undefined && { scope }),
      ...(parents !== undefined && { parents }),
      ...(children !== undefined && { children }),
    });
    return this.scope.host.resources.told();
  }

  async updateResource(
    name: string,
    { parents, children }: ResourceParents & { readonly parents: readonly string[] },
  ): Promise<void> {
    this.scope.assertOpen();
    this.scope.host.resources.update(name, {
      parents,
      ...(children !== undefined && { children }),
    });
    return this.scope.host.resources.told();
  }

  async renameResource(from: string, to: string): Promise<void> {
    this.scope.assertOpen();
    this.scope.host.resources.rename(from, to);
    return this.scope.host.resources.told();
  }

  async unregisterResource(name: string): Promise<void> {
    this.scope.assertOpen();
    this.scope.host.resources.remove(name);
    return this.scope.host.resources.told();
  }

  async runHook(name: string, ...args: unknown[]): Promise<boolean> {
    this.scope.assertOpen();
    const { host, logger } = this.scope;
    return host.hooks.run(name, copyValue(args) as unknown[], logger);
  }

  /** A loop that went on after its source was stopped can publish nothing more. */
  protected assertMayPublish(): void {
    this.scope.assertOpen();
  }

  protected takeBack(kind: string, key: unknown, name = String(key)): Undo {
    this.scope.assertOpen();
    const undo = this.scope.undoStack.take(kind, key);
    if (undo === undefined) throw this.notRegistered(kind, name);
    return undo;
  }

  protected notRegistered(kind: string, name: string): RpcException {
    return new RpcException(
      Errno.ENOENT,
      `Plugin ${this.scope.name} has registered no ${kind} ${name}`,
    );
  }
}
