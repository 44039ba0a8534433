import { coded, Errno, RpcException } from '../common/index.js';
import { closest, didYouMean } from '../config/index.js';
import type { MethodDescription } from '../wire/index.js';
import type { MethodHandler } from './method-handler.js';
import type { ServiceOwner } from './service-owner.js';

/** A service as the explorer found it: its methods by wire name. */
export interface Service {
  readonly name: string;
  readonly owner: ServiceOwner;
  readonly description: string | null;
  readonly methods: ReadonlyMap<string, MethodHandler>;
  /** Only other nodes have it: gives way to one of that name here. */
  readonly isElsewhere?: true;
  /** A service in another process: which methods it has, only it knows. */
  readonly remote?: RemoteMethods;
}

export interface RemoteMethods {
  /** The handler that forwards calls of that name; undefined for what can be no method's name. */
  handlerOf(name: string): MethodHandler | undefined;
  /**
   * Asks the service for its methods.
   *
   * @throws (rejects with) RpcException when it does not answer, or not with a list of methods
   */
  describe(signal: AbortSignal): Promise<MethodDescription[]>;
}

/**
 * Every callable method by its full wire name, for the one look-up of a call, and every service
 * with its methods, for discovery and for saying what exactly was not found.
 *
 * A plugin being reloaded has no services for a moment; their names stay reserved for it, and calls
 * to them wait at the owner's gate.
 */
export class ServiceRegistry {
  readonly #services = new Map<string, Service>();
  readonly #handlers = new Map<string, MethodHandler>();
  readonly #reserved = new Map<string, ServiceOwner>();
  readonly #listeners = new Set<(service: string) => void>();
  readonly #changeListeners = new Set<() => void>();
  readonly #missing = new Map<string, { readonly owner: ServiceOwner; readonly reason: string }>();

  /** @throws RpcException EEXIST when another owner has the name */
  register(service: Service): void {
    const present = this.#services.get(service.name);
    if (present?.isElsewhere === true && service.isElsewhere !== true)
      this.unregister(service.name);
    const holder = this.#services.get(service.name)?.owner ?? this.#reserved.get(service.name);
    if (holder !== undefined && (holder !== service.owner || this.#services.has(service.name))) {
      throw new RpcException(
        Errno.EEXIST,
        `Service ${service.name} is already offered by ${holder.name}: choose another name`,
      );
    }
    this.#services.set(service.name, service);
    for (const [name, handler] of service.methods) {
      this.#handlers.set(`${service.name}.${name}`, handler);
    }
    for (const listener of [...this.#listeners]) listener(service.name);
    this.#changed();
  }

  /** Calls back with the name of each service that is registered from now on; returns what ends it. */
  onRegistered(listener: (service: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls back whenever a service comes or goes; returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => void this.#changeListeners.delete(listener);
  }

  unregister(name: string): void {
    const service = this.#services.get(name);
    if (service === undefined) return;
    this.#services.delete(name);
    for (const method of service.methods.keys()) this.#handlers.delete(`${name}.${method}`);
    this.#changed();
  }

  /** Keeps the names of an owner's services for its next generation. */
  reserve(owner: ServiceOwner): void {
    for (const service of this.#services.values()) {
      if (service.owner === owner) this.#reserved.set(service.name, owner);
    }
  }

  /** Gives up the names that the next generation did not take. */
  unreserve(owner: ServiceOwner): void {
    for (const [name, holder] of this.#reserved) {
      if (holder === owner) this.#reserved.delete(name);
    }
  }

  get(name: string): Service | undefined {
    return this.#services.get(name);
  }

  /** Whether this node itself offers it, or will again as soon as its plugin is loaded. */
  hasOwn(name: string): boolean {
    const service = this.#services.get(name);
    return service === undefined ? this.#reserved.has(name) : service.isElsewhere !== true;
  }

  list(): Service[] {
    return [...this.#services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(method: string): MethodHandler | undefined {
    return this.#handlers.get(method) ?? this.#findRemote(method);
  }

  /** Whose gate a call to `method` has to pass, whether or not the service is there right now. */
  ownerOf(method: string): ServiceOwner | undefined {
    const service = serviceName(method);
    return this.#services.get(service)?.owner ?? this.#reserved.get(service);
  }

  #changed(): void {
    for (const listener of this.#changeListeners) listener();
  }

  #findRemote(method: string): MethodHandler | undefined {
    const service = serviceName(method);
    const remote = this.#services.get(service)?.remote;
    return remote?.handlerOf(method.slice(service.length + 1));
  }

  /** These services are missing because their plugin does not run; told to whoever calls them. */
  noteMissing(owner: ServiceOwner, services: readonly string[], reason: string): void {
    this.forgetMissing(owner);
    for (const name of services) this.#missing.set(name, { owner, reason });
  }

  forgetMissing(owner: ServiceOwner): void {
    for (const [name, missing] of this.#missing) {
      if (missing.owner === owner) this.#missing.delete(name);
    }
  }

  /** Why {@link find} found nothing. */
  notFound(method: string): RpcException {
    const service = serviceName(method);
    if (service === '') return coded('INVALID_FUNCTION_PATH');
    const present = this.#services.get(service);
    if (present !== undefined) {
      const name = method.slice(service.length + 1);
      return coded('METHOD_NOT_FOUND', { hint: suggestion(name, offered(present)) });
    }
    const missing = this.#missing.get(service);
    const hint =
      missing === undefined
        ? suggestion(service, [...this.#services.keys()])
        : `: ${missing.reason}`;
    return coded('SERVICE_NOT_FOUND', { service, hint });
  }
}

/** A name that is longer is no slip of the finger, and comparing it would be work. */
const MAX_COMPARED = 64;

function suggestion(name: string, candidates: readonly string[]): string {
  return name.length > MAX_COMPARED ? '' : didYouMean(closest(name, candidates));
}

function offered({ methods }: Service): string[] {
  return [...methods.values()].filter(({ access }) => !access.isPrivate).map(({ name }) => name);
}

/** Service names contain dots; the method is what follows the last one. */
export function serviceName(method: string): string {
  return method.slice(0, Math.max(0, method.lastIndexOf('.')));
}
