import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ClusterIdentity } from '../cluster/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { DocumentStore } from '../datastore/index.js';
import { EventMetrics } from '../events/index.js';
import { GatewayMetrics } from '../gateway/index.js';
import { MetricsHistory, MetricsRegistry, ProcessMetrics } from '../metrics/index.js';
import { PluginMetrics } from '../plugin-host/index.js';
import { CallTallies } from '../rpc/index.js';
import { ClusterMetrics, LockMetrics } from '../services/index.js';
import { TaskMetrics } from '../tasks/index.js';

/** Who tells what on the page of numbers, in the order of the page. */
@Injectable()
export class MetricsSources implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly registry: MetricsRegistry,
    private readonly tasks: TaskMetrics,
    private readonly plugins: PluginMetrics,
    private readonly calls: CallTallies,
    private readonly events: EventMetrics,
    private readonly gateway: GatewayMetrics,
    private readonly locks: LockMetrics,
    private readonly store: DocumentStore,
    private readonly identity: ClusterIdentity,
    private readonly cluster: ClusterMetrics,
    private readonly process: ProcessMetrics,
    private readonly history: MetricsHistory,
    @Inject(CONFIGURATION) private readonly configuration: DispatcherConfiguration,
  ) {}

  onApplicationBootstrap(): void {
    const { tasks, plugins, calls, events, gateway, locks, store, process } = this;
    for (const source of [tasks, plugins, calls, events, gateway, locks, store, process]) {
      this.registry.add(source);
    }
    if (this.identity.isClustered) this.registry.add(this.cluster);
    // without the debug-mode server nobody can ask
    if (!this.configuration.dispatcher.frontend) return;
    process.start();
    this.history.start();
  }

  onApplicationShutdown(): void {
    this.process.stop();
    this.history.stop();
  }
}
