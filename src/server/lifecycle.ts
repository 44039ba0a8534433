import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AccountDirectory, SessionLog } from '../auth/index.js';
import { EventRouter } from '../events/index.js';
import { DispatcherGateway } from '../gateway/index.js';
import { PluginHost } from '../plugin-host/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import { exploreService, SERVER_OWNER, type ServiceOwner, ServiceRegistry } from '../rpc/index.js';
import { SchemaRegistry } from '../schema/index.js';
import {
  AccountService,
  DataAnnouncer,
  DatastoreService,
  DiscoveryService,
  EventService,
  LockService,
  LogService,
  ManagementService,
  PluginService,
  RoleService,
  SchemaAnnouncer,
  SessionService,
  TaskService,
} from '../services/index.js';
import { Readiness } from './readiness.js';
import type { Logger } from '../sdk/index.js';
import { TasksLifecycle } from './tasks-lifecycle.js';

/**
 * The order in which the server comes up and goes down, once store and addresses are its own (see
 * premises.ts): its own services, the tasks of before, the plugins, then clients are let in; and the
 * same backwards. Nest calls the hooks of one module side by side, so the order is kept here, in one
 * place.
 */
@Injectable()
export class DispatcherLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly schemas: SchemaRegistry,
    private readonly services: ServiceRegistry,
    private readonly events: EventRouter,
    private readonly plugins: PluginHost,
    private readonly gateway: DispatcherGateway,
    private readonly discovery: DiscoveryService,
    private readonly management: ManagementService,
    private readonly accounts: AccountService,
    private readonly roles: RoleService,
    private readonly sessionService: SessionService,
    private readonly directory: AccountDirectory,
    private readonly sessions: SessionLog,
    private readonly event: EventService,
    private readonly plugin: PluginService,
    private readonly lock: LockService,
    private readonly taskService: TaskService,
    private readonly tasks: TasksLifecycle,
    private readonly log: LogService,
    private readonly schemaAnnouncer: SchemaAnnouncer,
    private readonly datastore: DatastoreService,
    private readonly dataAnnouncer: DataAnnouncer,
    private readonly readiness: Readiness,
    @Inject(SERVER_LOGGER) private readonly logger: Logger,
    @Inject(SERVER_OWNER) private readonly owner: ServiceOwner,
  ) {}

  onApplicationBootstrap(): void {
    const builtIn: [string, object][] = [
      ['discovery', this.discovery],
      ['management', this.management],
      ['account', this.accounts],
      ['role', this.roles],
      ['session', this.sessionService],
      ['event', this.event],
      ['plugin', this.plugin],
      ['lock', this.lock],
      ['task', this.taskService],
      ['log', this.log],
      ['datastore', this.datastore],
    ];
    for (const [service, instance] of builtIn) {
      this.services.register(
        exploreService({ service, instance, owner: this.owner }, this.schemas),
      );
    }
  }

  /** Loads the plugins and lets clients in; called once everything else is known to work. */
  async start(): Promise<void> {
    await this.tasks.open();
    await this.plugins.start();
    this.tasks.start();
    this.schemaAnnouncer.start();
    this.dataAnnouncer.start();
    this.readiness.addresses = this.gateway.serve();
    this.readiness.announce();
    this.tasks.ready();
    if (this.directory.isEmpty) this.#sayHowToBegin();
    this.events.publish('server.ready', {
      description: 'Server is completely loaded and ready to use',
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.readiness.drain();
    this.events.publish('server.shutdown', { description: 'Server is going to shut down' });
    this.schemaAnnouncer.stop();
    this.dataAnnouncer.stop();
    await this.gateway.shutdown();
    await this.tasks.stop();
    await this.plugins.stop();
    await this.sessions.close();
  }

  #sayHowToBegin(): void {
    const [address] = this.readiness.addresses;
    const url = address?.startsWith('ws') === true ? ` --url ${address}` : '';
    this.logger.warn(
      `There are no users: only root and the dispatcher's own user can log in, on this machine. ` +
        `Add one with: dispatcherctl${url} user add NAME --role admin --password-stdin`,
    );
  }
}
