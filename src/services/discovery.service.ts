import { RoleIndex, type Rights, rightsOf } from '../auth/index.js';
import { coded, Errno, RpcException } from '../common/index.js';
import { EventRouter, EventTypeTable } from '../events/index.js';
import { ServiceRegistry } from '../rpc/index.js';
import { SchemaRegistry } from '../schema/index.js';
import {
  accepts,
  description,
  h,
  type JsonSchema,
  provider,
  returns,
  type Sender,
  sender,
  signal,
} from '../sdk/index.js';
import { type TaskHandler, TaskHandlerTable } from '../tasks/index.js';
import {
  type EventTypeRow,
  type MethodDescription,
  RIGHTS,
  type RightsReport,
  type TaskClassRow,
} from '../wire/index.js';

const ROLE_NAMES = h.array(h.string({ maxLength: 128 }), { maxItems: 64 });

@provider('discovery')
@description('Says what the server offers: services, methods, tasks, events and their schemas')
export class DiscoveryService {
  constructor(
    private readonly services: ServiceRegistry,
    private readonly schemas: SchemaRegistry,
    private readonly tasks: TaskHandlerTable,
    private readonly eventTypes: EventTypeTable,
    private readonly events: EventRouter,
    private readonly roles: RoleIndex,
  ) {}

  @description('Names of all services')
  @accepts()
  @returns(h.array(String))
  getServices(): string[] {
    return this.services.list().map(({ name }) => name);
  }

  @description('Methods of a service with their schemas, roles and marks')
  @accepts(String)
  @returns(h.array(Object))
  getMethods(
    service: string,
    @signal() stop: AbortSignal,
  ): MethodDescription[] | Promise<MethodDescription[]> {
    const found = this.services.get(service);
    if (found === undefined) throw new RpcException(Errno.ENOENT, 'Service not found');
    const { remote, methods } = found;
    if (remote !== undefined && methods.size === 0) return remote.describe(stop);
    return [...methods.values()].map((handler) => handler.description);
  }

  @description('All task classes by name, with their schemas')
  @accepts()
  @returns(Object)
  getTasks(): Record<string, TaskClassRow> {
    const entries = this.tasks.entries();
    return Object.fromEntries(entries.map(([name, task]) => [name, describeTask(task)]));
  }

  @description('All registered event types by name, with their schemas and how many want them')
  @accepts()
  @returns(Object)
  getEventTypes(): Record<string, EventTypeRow> {
    const { eventTypes, events } = this;
    return Object.fromEntries(
      eventTypes.entries().map(([name, { description, schema, source }]) => {
        const refcount = events.interest.countOf(name);
        return [name, { refcount, description, event_schema: schema, source }];
      }),
    );
  }

  @description('One JSON Schema document with every named definition')
  @accepts()
  @returns(Object)
  getSchema(): JsonSchema {
    return this.schemas.document();
  }

  @description('A hash of the schema document, equal as long as the document says the same')
  @accepts()
  @returns(String)
  getSchemaHash(): string {
    return this.schemas.hash();
  }

  @description(
    'What the caller may call, submit and publish; for admin: what somebody with these roles may',
  )
  @accepts(h.optional(h.nullable(ROLE_NAMES)))
  @returns(RIGHTS)
  getRights(roles: string[] | null | undefined, @sender() caller: Sender): RightsReport {
    const own = rightsOf(caller);
    if (roles == null) return this.#report(own, caller.roles);
    if (!own.isAdministrator) throw coded('INSUFFICIENT_PRIVILEGES');
    return this.#report(this.roles.rightsFor(roles), roles);
  }

  #report(rights: Rights, roles: readonly string[]): RightsReport {
    const { services, tasks, eventTypes } = this;
    return {
      roles: [...roles],
      methods: services
        .list()
        .flatMap(({ methods }) => [...methods.values()])
        .filter(({ access }) => rights.mayCall(access))
        .map(({ access }) => access.method),
      tasks: tasks
        .entries()
        .filter(([name, task]) => !task.isPrivate && rights.mayRun(name, task.roles))
        .map(([name]) => name),
      events: eventTypes
        .entries()
        .map(([name]) => name)
        .filter((name) => rights.mayPublish(name)),
    };
  }
}

function describeTask(task: TaskHandler): TaskClassRow {
  return {
    description: task.description,
    schema: task.argumentsValidator?.schemas ?? null,
    required: task.argumentsValidator?.minimum ?? 0,
    abortable: task.isAbortable,
    private: task.isPrivate,
    metadata: task.options.metadata ?? {},
  };
}
