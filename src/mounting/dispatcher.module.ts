import {
  type Abstract,
  type DynamicModule,
  Inject,
  type InjectionToken,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Provider,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ConfigStore, Datastore, Dispatcher, Logger } from '../sdk/index.js';
import { DispatcherServer } from './dispatcher-server.js';
import { late } from './host-provider.js';
import type { AsyncModuleOptions, ModuleOptions, ServerSettings } from './module-options.js';

const SETTINGS = Symbol('settings of the mounted dispatcher');
const BRIDGED = Symbol('providers of the host that plugins may have injected');

/**
 * Puts a whole dispatcher into a Nest application: listeners, plugins, datastore, debug mode. It
 * starts when the application has initialised its modules and stops before the modules are
 * destroyed whose providers plugins have injected.
 *
 * The dispatcher is a Nest application of its own inside, with its own ports: routes, guards, pipes
 * and gateways of the one never meet those of the other.
 *
 * @example
 * @Module({
 *   imports: [
 *     DispatcherModule.forRoot({
 *       configuration: { dispatcher: { 'plugin-dirs': ['plugins'] } },
 *       imports: [InventoryModule],
 *       bridge: [InventoryService],
 *     }),
 *   ],
 * })
 * export class ApplicationModule {}
 */
@Module({})
export class DispatcherModule implements OnModuleDestroy {
  constructor(@Inject(DispatcherServer) private readonly server: DispatcherServer) {}

  /** @throws ConfigurationError (from the application's `init`) with one line for each problem */
  static forRoot({ imports, bridge, isGlobal, ...settings }: ModuleOptions = {}): DynamicModule {
    // a factory, for Nest would look for life-cycle hooks in what it is given as a value
    return mounted(
      { imports, bridge, isGlobal },
      { provide: SETTINGS, useFactory: () => settings },
    );
  }

  /** As {@link forRoot}, for an application that has its settings from elsewhere. */
  static forRootAsync({ useFactory, inject = [], ...mounting }: AsyncModuleOptions): DynamicModule {
    return mounted(mounting, {
      provide: SETTINGS,
      useFactory: useFactory as (...dependencies: unknown[]) => unknown,
      inject: [...inject],
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.server.stop();
  }
}

/**
 * What {@link DispatcherModule} is made of. Nest bootstraps a global module before all others and
 * destroys it after them; the dispatcher has to stop while what it was lent still works. So this
 * one may be global and starts it; the other never is, and stops it.
 */
@Module({})
class DispatcherCoreModule implements OnApplicationBootstrap {
  constructor(@Inject(DispatcherServer) private readonly server: DispatcherServer) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.server.start();
  }
}

type Mounting = {
  readonly [K in 'imports' | 'bridge' | 'isGlobal']?: ModuleOptions[K] | undefined;
};

function mounted(
  { imports = [], bridge = [], isGlobal = false }: Mounting,
  settings: Provider,
): DynamicModule {
  const core: DynamicModule = {
    module: DispatcherCoreModule,
    global: isGlobal,
    imports: [...imports],
    providers: [
      settings,
      {
        provide: BRIDGED,
        useFactory: (...values: unknown[]): [InjectionToken, unknown][] =>
          bridge.map((token, index) => [token, values[index]]),
        inject: [...bridge],
      },
      {
        provide: DispatcherServer,
        useFactory: (
          given: ServerSettings,
          bridged: readonly [InjectionToken, unknown][],
          moduleRef: ModuleRef,
        ) => new DispatcherServer(given, { bridged, construct: (type) => moduleRef.create(type) }),
        inject: [SETTINGS, BRIDGED, ModuleRef],
      },
      // what the base classes of the SDK have injected, so that the application can extend them
      ...[
        providedBy(Dispatcher, (server) => server.dispatcher),
        providedBy(Datastore, (server) => server.datastore),
        providedBy(ConfigStore, (server) => server.configstore),
        providedBy(Logger, (server) => server.logger),
      ],
    ],
    exports: [DispatcherServer, Dispatcher, Datastore, ConfigStore],
  };
  return { module: DispatcherModule, imports: [core, ...imports], exports: [DispatcherCoreModule] };
}

function providedBy<T extends object>(
  token: Abstract<T>,
  get: (server: DispatcherServer) => T,
): Provider {
  return {
    provide: token,
    useFactory: (server: DispatcherServer) =>
      late(token, { isReady: () => server.isRunning, get: () => get(server) }),
    inject: [DispatcherServer],
  };
}
