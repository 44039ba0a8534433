import {
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ClientServicesModule } from './client-services.module.js';
import type { DispatcherConfiguration } from '../config/index.js';
import type { DocumentStore } from '../datastore/index.js';
import { EventMetrics, EventRouter } from '../events/index.js';
import { GatewayModule } from './gateway.module.js';
import { DispatcherGateway, EventFrames, GatewayMetrics } from '../gateway/index.js';
import { MetricsRegistry, ProcessMetrics } from '../metrics/index.js';
import { CallTallies } from '../rpc/index.js';
import { Datastore } from '../sdk/index.js';
import { LockMetrics, NamedLocks } from '../services/index.js';
import { CONFIGURATION } from './tokens.js';

/**
 * Who tells what on the page of numbers. A part that is made elsewhere adds itself to the
 * {@link MetricsRegistry}.
 */
@Module({ imports: [GatewayModule, ClientServicesModule] })
export class MetricsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #process = new ProcessMetrics();

  constructor(
    private readonly registry: MetricsRegistry,
    private readonly tallies: CallTallies,
    private readonly events: EventRouter,
    private readonly gateway: DispatcherGateway,
    private readonly frames: EventFrames,
    private readonly locks: NamedLocks,
    @Inject(Datastore) private readonly store: DocumentStore,
    @Inject(CONFIGURATION) private readonly configuration: DispatcherConfiguration,
  ) {}

  onApplicationBootstrap(): void {
    const { registry } = this;
    registry.add(this.tallies);
    registry.add(new EventMetrics(this.events));
    registry.add(new GatewayMetrics(this.gateway, this.frames));
    registry.add(new LockMetrics(this.locks));
    registry.add(this.store);
    registry.add(this.#process);
    // without the debug-mode server nobody can ask
    if (this.configuration.dispatcher.frontend) this.#process.start();
  }

  onApplicationShutdown(): void {
    this.#process.stop();
  }
}
