import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ClusterModule } from '../cluster/cluster.module.js';
import type { ClusterPorts } from '../cluster/index.js';
import { AuthModule } from '../auth/auth.module.js';
import type { DispatcherConfiguration } from '../config/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { DebugModule } from '../debug/debug.module.js';
import { EventsModule } from '../events/events.module.js';
import { GatewayModule } from '../gateway/gateway.module.js';
import type { LogRoot } from '../logging/index.js';
import { LoggingModule } from '../logging/logging.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { PluginHostModule } from '../plugin-host/plugin-host.module.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchemaModule } from '../schema/schema.module.js';
import { ServicesModule } from '../services/services.module.js';
import type { HostProcess } from '../system/index.js';
import { SchedulesModule } from '../schedules/schedules.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { HostModule } from './host.module.js';
import { DispatcherLifecycle } from './lifecycle.js';
import { MetricsSources } from './metrics-sources.js';
import type { Premises } from './premises.js';

export interface AppOptions {
  readonly configuration: DispatcherConfiguration;
  readonly process: HostProcess;
  readonly log: LogRoot;
  /** What the application around the server offers to the classes of plugins. */
  readonly hostProviders?: readonly Provider[];
  /** What the server holds before any part of it is made. */
  readonly premises: Premises;
  /** What it has of other nodes. */
  readonly cluster: ClusterPorts;
}

/** The composition root: the rooms that the server is made of; {@link HostModule} says what they run on. */
@Module({
  imports: [
    LoggingModule,
    MetricsModule,
    SchemaModule,
    EventsModule,
    RpcModule,
    DatastoreModule,
    AuthModule,
    TasksModule,
    SettingsModule,
    SchedulesModule,
    PluginHostModule,
    GatewayModule,
    ServicesModule,
    DebugModule,
  ],
  providers: [DispatcherLifecycle, MetricsSources],
})
export class AppModule {
  static forRoot(options: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [HostModule.forRoot(options), ClusterModule.forRoot(options.cluster)],
    };
  }
}
