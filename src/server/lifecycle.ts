import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { AccountDirectory, SessionLog } from '../auth/index.js';
import { Membership } from '../cluster/index.js';
import { DocumentStore } from '../datastore/index.js';
import { EventRouter } from '../events/index.js';
import { DispatcherGateway } from '../gateway/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import { PluginHost } from '../plugin-host/index.js';
import type { Logger } from '../sdk/index.js';
import { ScheduleSeat } from '../schedules/index.js';
import { DataAnnouncer, SchemaAnnouncer } from '../services/index.js';
import { TasksLifecycle } from '../tasks/index.js';
import { Readiness } from './readiness.js';

/**
 * The order in which the server comes up and goes down, once store and addresses are its own (see
 * premises.ts): its own services, the tasks of before, the plugins, then clients are let in; and the
 * same backwards. Nest calls the hooks of one module side by side, so the order is kept here, in one
 * place.
 */
@Injectable()
export class DispatcherLifecycle implements BeforeApplicationShutdown {
  constructor(
    private readonly events: EventRouter,
    private readonly plugins: PluginHost,
    private readonly gateway: DispatcherGateway,
    private readonly tasks: TasksLifecycle,
    private readonly directory: AccountDirectory,
    private readonly sessions: SessionLog,
    private readonly schemaAnnouncer: SchemaAnnouncer,
    private readonly dataAnnouncer: DataAnnouncer,
    private readonly schedules: ScheduleSeat,
    private readonly readiness: Readiness,
    private readonly membership: Membership,
    private readonly store: DocumentStore,
    @Inject(SERVER_LOGGER) private readonly logger: Logger,
  ) {}

  /** Loads the plugins and lets clients in; called once everything else is known to work. */
  async start(): Promise<void> {
    await this.tasks.open();
    await this.schedules.open();
    await this.plugins.start();
    this.tasks.start();
    this.schemaAnnouncer.start();
    this.dataAnnouncer.start();
    this.readiness.addresses = this.gateway.serve();
    await this.membership.join(this.store.term, this.readiness.addresses);
    this.readiness.announce();
    this.tasks.ready();
    await this.schedules.start();
    if (this.directory.isEmpty) this.#sayHowToBegin();
    this.events.publish('server.ready', {
      description: 'Server is completely loaded and ready to use',
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.readiness.drain();
    await this.membership.drain();
    this.events.publish('server.shutdown', { description: 'Server is going to shut down' });
    this.schemaAnnouncer.stop();
    this.dataAnnouncer.stop();
    await this.events.settled();
    await this.gateway.shutdown();
    await this.schedules.stop();
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
