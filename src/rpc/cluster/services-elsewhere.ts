import { Injectable } from '@nestjs/common';
import { NodeCalls, NodeDirectory, type Unsubscribe } from '../../cluster/index.js';
import { coded, isDispatcherError, keyOf } from '../../common/index.js';
import type { MethodDescription } from '../../wire/index.js';
import type { Call } from '../call.js';
import type { MethodHandler } from '../method-handler.js';
import { ServiceOwner } from '../service-owner.js';
import { type Service, ServiceRegistry } from '../service.registry.js';
import { Forwarder } from './forwarder.js';
import { describeService, type ServiceDescription } from './service-description.js';

const CHANNEL = 'describe';
const ANSWER_MS = 10_000;
/** What changes together is looked at once. */
const SETTLE_MS = 50;
const AGAIN_MS = 2_000;

/** A service of other nodes, which this one has not. */
interface Wanted {
  readonly hash: string;
  readonly nodes: readonly string[];
}

/**
 * Registers the services that only other nodes have, as services in other processes are: a call of one
 * is authorised here, and forwarded to a node that has it.
 */
@Injectable()
export class ServicesElsewhere {
  readonly #owner = new ServiceOwner('other nodes');
  readonly #registered = new Map<string, string>();
  readonly #stops: Unsubscribe[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isBusy = false;
  #turn = 0;

  constructor(
    private readonly directory: NodeDirectory,
    private readonly calls: NodeCalls,
    private readonly registry: ServiceRegistry,
    private readonly forwarder: Forwarder,
  ) {}

  start(): void {
    const look = (): void => this.#lookIn(SETTLE_MS);
    this.#stops.push(
      this.calls.serve(CHANNEL, (name, { signal }) => this.#describe(name as string, signal)),
      this.directory.onChange(look),
      this.directory.onGone(look),
      this.registry.onChange(look),
    );
    look();
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #describe(name: string, signal: AbortSignal): Promise<ServiceDescription> {
    const service = this.registry.get(name);
    if (service === undefined || service.isElsewhere === true)
      throw coded('SERVICE_NOT_FOUND', { service: name });
    const { remote } = service;
    const description = describeService(service);
    if (remote === undefined || !description.isOpen) return description;
    return { ...description, methods: await remote.describe(signal) };
  }

  #lookIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#isBusy) this.#lookIn(SETTLE_MS);
      else void this.#look();
    }, ms);
  }

  async #look(): Promise<void> {
    this.#isBusy = true;
    const wanted = this.#wanted();
    for (const name of [...this.#registered.keys()]) if (!wanted.has(name)) this.#withdraw(name);
    for (const [name, { hash, nodes }] of wanted) {
      if (this.#hashOf(name) === hash) continue;
      const description = await this.#ask(name, nodes);
      if (this.#stops.length === 0) return;
      if (description === null) this.#lookIn(AGAIN_MS);
      else if (!this.registry.hasOwn(name)) this.#offer(name, hash, description);
    }
    this.#isBusy = false;
  }

  /** Of what is registered here for other nodes; null for nothing. */
  #hashOf(name: string): string | null {
    const isOffered = this.registry.get(name)?.isElsewhere === true;
    return isOffered ? (this.#registered.get(name) ?? null) : null;
  }

  #wanted(): Map<string, Wanted> {
    const wanted = new Map<string, Wanted>();
    for (const { name: node, state, services } of this.directory.list()) {
      if (node === this.directory.self.name || state !== 'live') continue;
      for (const [name, hash] of Object.entries(services)) {
        if (this.registry.hasOwn(name)) continue;
        const known = wanted.get(name);
        if (known === undefined) wanted.set(name, { hash, nodes: [node] });
        else if (known.hash === hash) wanted.set(name, { hash, nodes: [...known.nodes, node] });
      }
    }
    return wanted;
  }

  async #ask(name: string, nodes: readonly string[]): Promise<ServiceDescription | null> {
    const request = { channel: CHANNEL, body: name, timeoutMs: ANSWER_MS };
    for (const node of nodes) {
      try {
        const answer = await this.calls.call(node, request, AbortSignal.timeout(ANSWER_MS));
        return answer as ServiceDescription;
      } catch {
        // another node may be better off, or this one later
      }
    }
    return null;
  }

  #offer(name: string, hash: string, description: ServiceDescription): void {
    this.#withdraw(name);
    const handlerOf = (method: MethodDescription, isOpen = false): MethodHandler =>
      this.#handlerOf(name, method, isOpen);
    const methods = description.isOpen ? [] : description.methods;
    const service: Service = {
      name,
      owner: this.#owner,
      description: description.description,
      methods: new Map(methods.map((method) => [method.name, handlerOf(method)])),
      isElsewhere: true,
      ...(description.isOpen && {
        remote: {
          handlerOf: (method: string) => handlerOf(undescribed(method), true),
          describe: () => Promise.resolve([...description.methods]),
        },
      }),
    };
    this.#registered.set(name, hash);
    this.registry.register(service);
  }

  /** What has come to be offered here meanwhile stays. */
  #withdraw(name: string): void {
    this.#registered.delete(name);
    if (this.registry.get(name)?.isElsewhere === true) this.registry.unregister(name);
  }

  #handlerOf(service: string, description: MethodDescription, isOpen: boolean): MethodHandler {
    const { name, roles, parameters } = description;
    return {
      service,
      name,
      owner: this.#owner,
      access: {
        method: `${service}.${name}`,
        isUnauthenticated: description.unauthenticated,
        isPrivate: description.private,
        roles,
        ...(isOpen && { isUndescribed: true as const }),
      },
      argumentsValidator: null,
      resultValidator: null,
      fragmentValidator: null,
      isQuery: false,
      isGenerator: isOpen || description.generator,
      isForwarded: true,
      parameterNames: parameters,
      description,
      invoke: (_, call) => this.#forward(service, call),
    };
  }

  /** Each node in its turn; the next one where a node was not reached. */
  async #forward(service: string, call: Call): Promise<unknown> {
    const nodes = this.directory
      .list()
      .filter(({ state, services }) => state === 'live' && Object.hasOwn(services, service))
      .map(({ name }) => name)
      .filter((name) => name !== this.directory.self.name);
    // another node would not have asked this one, had it known
    if (call.options.isForwarded === true || nodes.length === 0)
      throw coded('SERVICE_NOT_FOUND', { service });
    this.#turn += 1;
    for (let i = 0; ; i += 1) {
      const node = nodes[(this.#turn + i) % nodes.length] ?? '';
      try {
        return await this.forwarder.forward(node, call);
      } catch (error) {
        const isUnasked = isDispatcherError(error) && keyOf(error) === 'NODE_SILENT';
        if (!isUnasked || i + 1 >= nodes.length) throw error;
      }
    }
  }
}

function undescribed(name: string): MethodDescription {
  return {
    name,
    description: null,
    private: false,
    unauthenticated: false,
    generator: false,
    deprecated: null,
    roles: ['admin'],
    parameters: null,
  };
}
