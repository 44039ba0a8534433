import { coded, Errno, isDispatcherError, onAbort } from '../../common/index.js';
import type { InterestWatcher, Unwatch } from '../../events/index.js';
import type { Connection } from '../../gateway/index.js';
import {
  type Call,
  type MethodHandler,
  type RemoteMethods,
  type Service,
  ServiceOwner,
} from '../../rpc/index.js';
import type { SchemaRegistry } from '../../schema/index.js';
import { describedHandler, type HandlerSource } from './described-handler.js';
import type { DescribedMethod } from './described-method.js';
import { isMethodName } from './names.js';
import { readMethodDescriptions } from './method-descriptions.js';
import type { MethodDescription } from '../../wire/index.js';

/** How long the server's own questions to a service may take; clients' calls have no limit. */
const QUESTION_MS = 10_000;
/** Handlers kept for the next call of the same method: callers choose the names, so there is a bound. */
const MAX_HANDLERS = 256;

/** Nobody said whom such a method is for. */
const UNDESCRIBED = {
  isUnauthenticated: false,
  isPrivate: false,
  roles: ['admin'],
  isUndescribed: true,
} as const;

/**
 * A service that a client offers. To the rest of the server it is a service like any other: calls
 * find it in the registry, wait at its owner's gate until it has resumed, and pass the same checks;
 * only that running a method means asking the client.
 */
export class ExternalService implements RemoteMethods {
  readonly owner: ServiceOwner;
  readonly #handlers = new Map<string, MethodHandler>();
  readonly #described = new Map<string, MethodHandler>();
  readonly #events = new Map<string, Unwatch | null>();

  constructor(
    readonly name: string,
    readonly connection: Connection,
    private readonly watch: (event: string, watcher: InterestWatcher) => Unwatch,
  ) {
    this.owner = new ServiceOwner(ownerName(connection));
    this.owner.hold();
  }

  get events(): readonly string[] {
    return [...this.#events.keys()];
  }

  toService(): Service {
    const { name, owner } = this;
    return { name, owner, description: null, methods: this.#described, remote: this };
  }

  /** @throws RpcException EINVAL naming the method and what is wrong with its description */
  describeMethods(methods: readonly DescribedMethod[], schemas: SchemaRegistry): void {
    const { name: service, owner } = this;
    const forward: HandlerSource['forward'] = (method, args, call) =>
      this.#forward(method, args, call);
    for (const method of methods) {
      const handler = describedHandler(method, { service, owner, schemas, forward });
      this.#described.set(method.name, handler);
    }
  }

  /** Lets the waiting calls in and tells the service which of its events are wanted. */
  resume(): void {
    if (!this.owner.isHeld) return;
    this.owner.release();
    for (const event of this.#events.keys()) this.#follow(event);
  }

  /** A service that has not resumed is not told of interest: it could not be called. */
  addEvent(event: string): void {
    this.#events.set(event, null);
    if (!this.owner.isHeld) this.#follow(event);
  }

  removeEvent(event: string): void {
    this.#events.get(event)?.();
    this.#events.delete(event);
  }

  /** From now on nobody waits for it or reaches it; what it is working on it may finish. */
  end(reason: Error): void {
    this.owner.end(reason);
  }

  handlerOf(name: string): MethodHandler | undefined {
    const known = this.#handlers.get(name);
    if (known !== undefined || !isMethodName(name)) return known;
    const handler = this.#createHandler(name);
    if (this.#handlers.size < MAX_HANDLERS) this.#handlers.set(name, handler);
    return handler;
  }

  async describe(signal: AbortSignal): Promise<MethodDescription[]> {
    try {
      return readMethodDescriptions(await this.#ask('enumerate_methods', [], signal));
    } catch (error) {
      // a service need not describe itself: what it can do, its callers know
      if (isDispatcherError(error) && error.code === Errno.ENOENT) return [];
      throw error;
    }
  }

  #createHandler(name: string): MethodHandler {
    const method = `${this.name}.${name}`;
    return {
      service: this.name,
      name,
      owner: this.owner,
      access: { ...UNDESCRIBED, method },
      argumentsValidator: null,
      resultValidator: null,
      fragmentValidator: null,
      isQuery: false,
      isGenerator: true,
      isForwarded: true,
      parameterNames: null,
      description: readMethodDescriptions([{ name }])[0] as MethodDescription,
      invoke: (_, call: Call) => this.#forward(method, call.args ?? [], call),
    };
  }

  /** The service is told who calls: what it does for whom beyond the roles is its own to decide. */
  #forward(method: string, args: unknown, call: Call): Promise<unknown> {
    const { user, roles, address, sessionId: session, task } = call.sender;
    const sender = {
      ...{ user, roles, address, session, cause: call.cause },
      ...(task !== undefined && { task }),
    };
    return this.connection.call(method, args, { signal: call.signal, sender });
  }

  #follow(event: string): void {
    // The map first: a service that is told may take its event back, and a watch tells at once.
    this.#events.set(event, null);
    const unwatch = this.watch(event, {
      enable: (name) => this.#tell('enable', name),
      disable: (name) => this.#tell('disable', name),
    });
    if (this.#events.has(event)) this.#events.set(event, unwatch);
    else unwatch();
  }

  async #tell(method: 'enable' | 'disable', event: string): Promise<void> {
    if (this.connection.isOpen) await this.#ask(method, [event]);
  }

  /** A question of the server's own: it must not wait for ever for the answer. */
  async #ask(method: string, args: readonly string[], signal?: AbortSignal): Promise<unknown> {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const timer = setTimeout(stop, QUESTION_MS);
    const forget = onAbort(signal, stop);
    try {
      const options = { signal: controller.signal };
      return await this.connection.call(`${this.name}.${method}`, args, options);
    } catch (error) {
      if (!controller.signal.aborted || signal?.aborted === true) throw error;
      throw coded('SERVICE_TIMEOUT', { service: this.name, seconds: QUESTION_MS / 1_000 });
    } finally {
      clearTimeout(timer);
      forget();
    }
  }
}

/** Who has registered something, in messages and in tables: no two live connections have the same. */
export function ownerName({ sender, peer }: Connection): string {
  return `${sender.user ?? 'a client'} (${peer.address})`;
}
