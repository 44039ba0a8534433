import { join } from 'node:path';
import { Module, type Provider } from '@nestjs/common';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { EventsModule } from '../events/events.module.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchemaModule } from '../schema/schema.module.js';
import { ConfigStore, Datastore } from '../sdk/index.js';
import { SettingsModule } from '../settings/settings.module.js';
import { HOST_PROCESS, type HostProcess } from '../system/index.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { DebugHookTable } from './debug-hook-table.js';
import { HookTable } from './hook-table.js';
import { pluginDirectories } from './plugin-directories.js';
import {
  HOST_PROVIDERS,
  PLUGIN_HOST_OPTIONS,
  PluginHostDependencies,
  type PluginHostOptions,
} from './plugin-host.dependencies.js';
import { PluginHost } from './plugin-host.js';
import { PluginMetrics } from './plugin-metrics.js';

/** In the state folder: what the compiler made of plugins. */
const COMPILED_CODE = 'compiled';
/** In the config store: names of plugins that are disabled. */
const DISABLED_PLUGINS = 'dispatcher.disabled_plugins';

/** Who brings plugins to life, and what they register with. */
@Module({
  imports: [DatastoreModule, EventsModule, RpcModule, SchemaModule, SettingsModule, TasksModule],
  providers: [
    PluginHost,
    PluginHostDependencies,
    HookTable,
    DebugHookTable,
    PluginMetrics,
    {
      provide: PLUGIN_HOST_OPTIONS,
      useFactory: (
        { dispatcher }: DispatcherConfiguration,
        { stateDirectory, version }: HostProcess,
        hostProviders: readonly Provider[],
        { stores }: PluginHostDependencies,
      ): PluginHostOptions => ({
        directories: pluginDirectories(dispatcher),
        codeFolder: join(stateDirectory, COMPILED_CODE),
        disabledPlugins: {
          read: () => stores.configstore.get(DISABLED_PLUGINS),
          write: (names) => stores.configstore.set(DISABLED_PLUGINS, names),
        },
        extraProviders: [
          { provide: Datastore, useValue: stores.datastore },
          { provide: ConfigStore, useValue: stores.configstore },
        ],
        hostProviders,
        pluginOptions: dispatcher.plugins,
        serverVersion: version,
      }),
      inject: [CONFIGURATION, HOST_PROCESS, HOST_PROVIDERS, PluginHostDependencies],
    },
  ],
  exports: [PluginHost, DebugHookTable, PluginMetrics],
})
export class PluginHostModule {}
