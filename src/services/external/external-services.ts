import { Injectable } from '@nestjs/common';
import { coded } from '../../common/index.js';
import { assertForeign, EventRouter, EventTypeTable } from '../../events/index.js';
import type { Connection } from '../../gateway/index.js';
import { ServiceRegistry } from '../../rpc/index.js';
import { SchemaRegistry } from '../../schema/index.js';
import type { JsonSchema } from '../../sdk/index.js';
import { readMethods } from './described-method.js';
import { ExternalService, ownerName } from './external-service.js';
import { assertEventName, assertServiceName } from './names.js';
import { assertSchemaSize } from './schema-size.js';

const EXTERNAL_LIMITS = { services: 256, eventTypes: 1_024, schemas: 512 } as const;

/** Everything that one client offers; it lasts as long as the client's present login. */
interface Offer {
  readonly connection: Connection;
  readonly owner: string;
  readonly services: Map<string, ExternalService>;
  /** By event, the service whose `enable` and `disable` concern it. */
  readonly eventTypes: Map<string, ExternalService>;
  readonly schemas: Set<string>;
}

/** An event as a service tells of it. */
export interface ExternalEventType {
  readonly name: string;
  readonly description: string | null;
  readonly schema: JsonSchema | null;
}

/**
 * What processes outside of the server offer over their connections. Everything has an owner, the
 * connection, and goes with it; nobody takes away or replaces what another one registered.
 */
@Injectable()
export class ExternalServices {
  readonly #offers = new Map<Connection, Offer>();

  constructor(
    private readonly services: ServiceRegistry,
    private readonly schemas: SchemaRegistry,
    private readonly events: EventRouter,
    private readonly eventTypes: EventTypeTable,
  ) {}

  /**
   * @param methods - what the service says of its methods; those that it does not name are for `admin`
   * @throws RpcException EEXIST when somebody live has the name, EINVAL when it is none or a description
   *   is wrong, EBUSY
   */
  registerService(connection: Connection, name: string, methods: unknown = []): void {
    assertServiceName(name);
    const described = readMethods(methods);
    this.#forgetClosed(name);
    const offer = this.#offerOf(connection);
    assertRoom(offer.services.size, EXTERNAL_LIMITS.services, 'services');
    const service = new ExternalService(name, connection, (event, watcher) =>
      this.events.interest.watch(event, watcher),
    );
    service.describeMethods(described, this.schemas);
    this.services.register(service.toService());
    offer.services.set(name, service);
    this.#announce('plugin.service_registered', service, 'registered');
  }

  /** @throws RpcException ENOENT, or EPERM when another connection or the server has it */
  unregisterService(connection: Connection, name: string): void {
    const service = this.#own(connection, name);
    this.#removeService(this.#offerOf(connection), service);
    service.end(coded('SERVICE_NOT_FOUND', { service: name }));
  }

  /** From now on calls are forwarded. @throws RpcException ENOENT, EPERM */
  resumeService(connection: Connection, name: string): void {
    const service = this.#own(connection, name);
    this.events.publish('plugin.service_resume', { name });
    service.resume();
  }

  /** @throws RpcException EEXIST, EINVAL, EBUSY, EOVERFLOW */
  registerSchema(connection: Connection, name: string, schema: JsonSchema): void {
    const { owner, schemas } = this.#offerOf(connection);
    assertRoom(schemas.size, EXTERNAL_LIMITS.schemas, 'schema definitions');
    assertSchemaSize(name, schema);
    this.schemas.define(name, schema, { owner });
    schemas.add(name);
  }

  /** @throws RpcException ENOENT, EPERM */
  unregisterSchema(connection: Connection, name: string): void {
    const isMine = this.#offers.get(connection)?.schemas.delete(name) === true;
    if (!isMine) {
      const isKnown = this.schemas.has(name);
      throw coded(isKnown ? 'NOT_THE_OWNER' : 'NOT_REGISTERED', { what: 'Schema', name });
    }
    this.schemas.undefine(name);
  }

  /**
   * Events that do not fit their schema are not published, as those of plugins.
   *
   * @throws RpcException ENOENT or EPERM for the service, EEXIST, EINVAL, EOVERFLOW or EPERM for the event
   */
  registerEventType(
    connection: Connection,
    serviceName: string,
    { name: event, description, schema }: ExternalEventType,
  ): void {
    const service = this.#own(connection, serviceName);
    const { owner, eventTypes } = this.#offerOf(connection);
    assertEventName(event);
    assertForeign(event);
    assertRoom(eventTypes.size, EXTERNAL_LIMITS.eventTypes, 'event types');
    if (schema !== null) assertSchemaSize(event, schema);
    const value = {
      description,
      schema: schema === null ? null : this.schemas.toJsonSchema(schema, { owner }),
      validator: schema === null ? null : this.schemas.compileValue(schema, 'result', { owner }),
      source: serviceName,
    };
    this.eventTypes.add(event, { owner, value });
    eventTypes.set(event, service);
    service.addEvent(event);
  }

  /** @throws RpcException ENOENT, EPERM */
  unregisterEventType(connection: Connection, event: string): void {
    const offer = this.#offers.get(connection);
    const service = offer?.eventTypes.get(event);
    if (offer === undefined || service === undefined) {
      const isKnown = this.eventTypes.get(event) !== undefined;
      const key = isKnown ? 'NOT_THE_OWNER' : 'NOT_REGISTERED';
      throw coded(key, { what: 'Event type', name: event });
    }
    this.#removeEventType(offer, event);
  }

  #own(connection: Connection, name: string): ExternalService {
    const service = this.#offers.get(connection)?.services.get(name);
    if (service !== undefined) return service;
    if (this.services.get(name) === undefined) {
      throw coded('SERVICE_NOT_FOUND', { service: name });
    }
    throw coded('NOT_THE_OWNER', { what: 'Service', name });
  }

  #offerOf(connection: Connection): Offer {
    const present = this.#offers.get(connection);
    if (present !== undefined) return present;
    const offer = {
      connection,
      owner: ownerName(connection),
      services: new Map(),
      eventTypes: new Map(),
      schemas: new Set<string>(),
    };
    this.#offers.set(connection, offer);
    connection.onLoginEnded(() => this.#withdraw(offer));
    return offer;
  }

  /** A service that crashed and comes back need not wait for the goodbyes of its old connection. */
  #forgetClosed(name: string): void {
    for (const offer of [...this.#offers.values()]) {
      if (offer.services.has(name) && !offer.connection.isOpen) this.#withdraw(offer);
    }
  }

  #withdraw(offer: Offer): void {
    if (this.#offers.get(offer.connection) !== offer) return;
    this.#offers.delete(offer.connection);
    for (const service of [...offer.services.values()]) {
      this.#removeService(offer, service);
      service.end(coded('SERVICE_GONE'));
    }
    for (const name of offer.schemas) this.schemas.undefine(name);
  }

  #removeService(offer: Offer, service: ExternalService): void {
    for (const event of service.events) this.#removeEventType(offer, event);
    offer.services.delete(service.name);
    this.services.unregister(service.name);
    this.#announce('plugin.service_unregistered', service, 'unregistered');
  }

  #removeEventType({ owner, eventTypes }: Offer, event: string): void {
    this.eventTypes.remove(event, owner);
    eventTypes.get(event)?.removeEvent(event);
    eventTypes.delete(event);
  }

  #announce(event: string, { name, connection }: ExternalService, what: string): void {
    this.events.publish(event, {
      address: connection.peer.address,
      'service-name': name,
      description: `Service ${name} ${what}`,
    });
  }
}

function assertRoom(size: number, limit: number, what: string): void {
  if (size >= limit) throw coded('TOO_MANY_REGISTRATIONS', { limit, what });
}
