import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { ClusterIdentity, Leadership, NodeCalls, NodeDirectory } from '../cluster/index.js';
import { DocumentStore } from '../datastore/index.js';
import { EventsModule } from '../events/events.module.js';
import { GatewayModule } from '../gateway/gateway.module.js';
import { SERVER_LOGGER } from '../logging/index.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { PluginHostModule } from '../plugin-host/plugin-host.module.js';
import {
  exploreProvider,
  LeaderSeat,
  SERVER_OWNER,
  type Service,
  ServiceOwner,
  ServiceRegistry,
} from '../rpc/index.js';
import { ClusterRpcModule } from '../rpc/cluster-rpc.module.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchedulesModule } from '../schedules/schedules.module.js';
import type { Logger } from '../sdk/index.js';
import { SettingsModule } from '../settings/settings.module.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { ApiKeyBook } from './api-key-book.js';
import { BUILT_IN_SERVICES, CLUSTER_SERVICES } from './built-in-services.js';
import { ClusterAnnouncer } from './cluster/cluster-announcer.js';
import { ClusterMetrics } from './cluster/cluster-metrics.js';
import { NodeServices } from './cluster/node-services.js';
import { SharedLocks } from './cluster/shared-locks.js';
import { DataAnnouncer } from './data-announcer.js';
import { DebugCollector } from './debug-collector.js';
import { ExternalServices } from './external/external-services.js';
import { LockMetrics } from './lock-metrics.js';
import { LockAuthority } from './lock-authority.js';
import { NamedLocks } from './named-locks.js';
import { SchemaAnnouncer } from './schema-announcer.js';
import { SessionPost } from './session-post.js';

type LockParts = [ClusterIdentity, DocumentStore, Leadership, NodeDirectory, NodeCalls, Logger];

/** The services that every server offers: Nest makes them, and their decorators say what is called. */
@Module({
  imports: [
    AuthModule,
    ClusterRpcModule,
    DatastoreModule,
    EventsModule,
    GatewayModule,
    MetricsModule,
    PluginHostModule,
    RpcModule,
    SchemaModule,
    SchedulesModule,
    SettingsModule,
    TasksModule,
  ],
  providers: [
    ...BUILT_IN_SERVICES,
    ...CLUSTER_SERVICES,
    ApiKeyBook,
    ClusterAnnouncer,
    ClusterMetrics,
    NodeServices,
    DataAnnouncer,
    DebugCollector,
    ExternalServices,
    LockMetrics,
    {
      provide: LockAuthority,
      useFactory: (...[identity, store, leadership, directory, calls, logger]: LockParts) =>
        identity.isClustered
          ? new SharedLocks({ leadership, directory, calls, logger })
          : new NamedLocks(() => store.term.guard?.term ?? 0),
      inject: [
        ...[ClusterIdentity, DocumentStore, Leadership, NodeDirectory, NodeCalls],
        SERVER_LOGGER,
      ],
    },
    SchemaAnnouncer,
    SessionPost,
  ],
  exports: [ClusterMetrics, DataAnnouncer, LockMetrics, SchemaAnnouncer],
})
export class ServicesModule implements OnApplicationBootstrap {
  constructor(
    private readonly module: ModuleRef,
    private readonly services: ServiceRegistry,
    private readonly schemas: SchemaRegistry,
    private readonly identity: ClusterIdentity,
    private readonly cluster: ClusterAnnouncer,
    private readonly nodes: NodeServices,
    private readonly seat: LeaderSeat,
    @Inject(SERVER_OWNER) private readonly owner: ServiceOwner,
  ) {}

  /** Before a plugin comes, which would get a name of theirs otherwise. */
  onApplicationBootstrap(): void {
    const { services, schemas, owner } = this;
    const { isClustered } = this.identity;
    for (const type of isClustered
      ? [...BUILT_IN_SERVICES, ...CLUSTER_SERVICES]
      : BUILT_IN_SERVICES) {
      const instance = this.module.get(type, { strict: true });
      const service = exploreProvider({ instance, owner }, schemas);
      services.register(isClustered ? this.seat.seat(service) : ofOneNode(service));
    }
    if (!isClustered) return;
    this.cluster.start();
    this.nodes.start();
  }
}

/** Without what only several nodes have: clients of one see the interface that it always had. */
function ofOneNode(service: Service): Service {
  if (service.name !== 'lock') return service;
  const methods = [...service.methods].filter(([name]) => name !== 'token');
  return { ...service, methods: new Map(methods) };
}
