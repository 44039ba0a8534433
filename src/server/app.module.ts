import { join } from 'node:path';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { AccountModule } from './account.module.js';
import { TokenStore } from '../auth/index.js';
import { AuthModule } from '../auth/auth.module.js';
import { ClientServicesModule } from './client-services.module.js';
import { networkList } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { collectDebug } from './debug-collector.js';
import {
  ACCESS_POLICY,
  type AccessPolicy,
  DEBUG_DEPENDENCIES,
  DebugController,
  type DebugDependencies,
  Documents,
  Health,
} from '../debug/index.js';
import {
  EventJournal,
  EventRouter,
  EventSourceTable,
  EventTypeTable,
  systemClock,
} from '../events/index.js';
import { DocumentsModule } from './documents.module.js';
import { EventsModule } from '../events/events.module.js';
import { DocumentStore } from '../datastore/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { DispatcherGateway, EventFrames } from '../gateway/index.js';
import { GatewayModule } from './gateway.module.js';
import { HostModule } from './host.module.js';
import { DispatcherLifecycle } from './lifecycle.js';
import { LogRoot } from '../logging/index.js';
import { LoggingModule } from '../logging/logging.module.js';
import { MetricsRegistry } from '../metrics/index.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { MetricsSources } from './metrics-sources.js';
import { DebugHookTable, HookTable, PluginHost, PluginMetrics } from '../plugin-host/index.js';
import { pluginDirectories } from './plugin-directories.js';
import { ownPaths } from './own-paths.js';
import type { Premises } from './premises.js';
import { Readiness } from './readiness.js';
import { CallPipeline, ServiceRegistry } from '../rpc/index.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import { ConfigStore, Datastore } from '../sdk/index.js';
import { DiscoveryService, EventService, ManagementService } from '../services/index.js';
import { ResourceGraph, TaskEngine, TaskHandlerTable, TaskHookTable } from '../tasks/index.js';
import { HOST_PROCESS, type HostProcess } from '../system/index.js';
import { TasksModule } from './tasks.module.js';
import { HOST_PROVIDERS } from './tokens.js';

export interface AppOptions {
  readonly configuration: DispatcherConfiguration;
  readonly process: HostProcess;
  readonly log: LogRoot;
  /** What the application around the server offers to the classes of plugins. */
  readonly hostProviders?: readonly Provider[];
  /** What the server holds before any part of it is made. */
  readonly premises: Premises;
}

/** In the state folder: what the compiler made of plugins. */
const COMPILED_CODE = 'compiled';

/** Changes that have failed are tried again, for whoever asks may be the only one who comes by. */
async function writeFailureOf(store: DocumentStore): Promise<string | null> {
  await store.retryWrites();
  return store.writeFailure;
}

/** The composition root: what the server is made of, and how the parts find each other. */
@Module({
  imports: [
    LoggingModule,
    MetricsModule,
    SchemaModule,
    EventsModule,
    RpcModule,
    DatastoreModule,
    TasksModule,
    AuthModule,
    DocumentsModule,
    GatewayModule,
    AccountModule,
    ClientServicesModule,
  ],
  controllers: [DebugController],
  providers: [
    DispatcherLifecycle,
    MetricsSources,
    PluginMetrics,
    { provide: DebugHookTable, useFactory: () => new DebugHookTable() },
    {
      provide: PluginHost,
      useFactory: (
        services: ServiceRegistry,
        schemas: SchemaRegistry,
        events: EventRouter,
        pipeline: CallPipeline,
        log: LogRoot,
        eventTypes: EventTypeTable,
        eventSources: EventSourceTable,
        tasks: TaskHandlerTable,
        { dispatcher }: DispatcherConfiguration,
        datastore: Datastore,
        configstore: ConfigStore,
        taskSubmitter: TaskEngine,
        taskHooks: TaskHookTable,
        resources: ResourceGraph,
        debugHooks: DebugHookTable,
        hostProviders: readonly Provider[],
        { stateDirectory }: HostProcess,
      ) =>
        new PluginHost(
          {
            services,
            schemas,
            events,
            pipeline,
            eventTypes,
            eventSources,
            tasks,
            taskSubmitter,
            taskHooks,
            resources,
            hooks: new HookTable(),
            debugHooks,
            stores: { datastore, configstore },
            clock: systemClock,
            random: Math.random,
            createLogger: (plugin) => log.create({ component: 'plugin', plugin }),
          },
          {
            directories: pluginDirectories(dispatcher),
            codeFolder: join(stateDirectory, COMPILED_CODE),
            extraProviders: [
              { provide: Datastore, useValue: datastore },
              { provide: ConfigStore, useValue: configstore },
              ...hostProviders,
            ],
          },
        ),
      inject: [
        ServiceRegistry,
        SchemaRegistry,
        EventRouter,
        CallPipeline,
        LogRoot,
        EventTypeTable,
        EventSourceTable,
        TaskHandlerTable,
        CONFIGURATION,
        Datastore,
        ConfigStore,
        TaskEngine,
        TaskHookTable,
        ResourceGraph,
        DebugHookTable,
        HOST_PROVIDERS,
        HOST_PROCESS,
      ],
    },
    {
      provide: DiscoveryService,
      useFactory: (
        services: ServiceRegistry,
        schemas: SchemaRegistry,
        tasks: TaskHandlerTable,
        eventTypes: EventTypeTable,
        events: EventRouter,
      ) => new DiscoveryService({ services, schemas, tasks, eventTypes, events }),
      inject: [ServiceRegistry, SchemaRegistry, TaskHandlerTable, EventTypeTable, EventRouter],
    },
    {
      provide: EventService,
      useFactory: (journal: EventJournal, frames: EventFrames) =>
        new EventService({ journal, frames }),
      inject: [EventJournal, EventFrames],
    },
    {
      provide: ManagementService,
      useFactory: (
        plugins: PluginHost,
        eventSources: EventSourceTable,
        log: LogRoot,
        gateway: DispatcherGateway,
        readiness: Readiness,
        host: HostProcess,
        configuration: DispatcherConfiguration,
        hooks: DebugHookTable,
        metrics: MetricsRegistry,
        store: DocumentStore,
      ) =>
        new ManagementService({
          plugins,
          eventSources,
          log,
          gateway,
          startedAt: host.startedAt,
          storeFailure: () => writeFailureOf(store),
          ownPaths: ownPaths(configuration, host.stateDirectory),
          whenReady: () => readiness.whenReady(),
          requestShutdown: () => host.requestShutdown(),
          collectDebug: () =>
            collectDebug({ configuration, host, log, plugins, hooks, gateway, metrics }),
        }),
      inject: [
        PluginHost,
        EventSourceTable,
        LogRoot,
        DispatcherGateway,
        Readiness,
        HOST_PROCESS,
        CONFIGURATION,
        DebugHookTable,
        MetricsRegistry,
        Datastore,
      ],
    },
    {
      provide: DEBUG_DEPENDENCIES,
      useFactory: (
        documents: Documents,
        metrics: MetricsRegistry,
        health: Health,
      ): DebugDependencies => ({ documents, metrics, health }),
      inject: [Documents, MetricsRegistry, Health],
    },
    {
      provide: ACCESS_POLICY,
      useFactory: (tokens: TokenStore, { dispatcher }: DispatcherConfiguration): AccessPolicy => ({
        trustedProxies: networkList(dispatcher.trustedProxies),
        isReaderToken: (token) => tokens.principalOf(token)?.rights.isReader === true,
      }),
      inject: [TokenStore, CONFIGURATION],
    },
    {
      provide: Health,
      useFactory: (readiness: Readiness, plugins: PluginHost, store: DocumentStore) =>
        new Health({
          phase: () => readiness.phase,
          addresses: () => readiness.addresses,
          plugins: () => plugins.list(),
          pingStore: () => store.ping(),
          writeFailure: () => writeFailureOf(store),
        }),
      inject: [Readiness, PluginHost, Datastore],
    },
  ],
})
export class AppModule {
  static forRoot(options: AppOptions): DynamicModule {
    return { module: AppModule, imports: [HostModule.forRoot(options)] };
  }
}
