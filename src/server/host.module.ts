import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { STORE_ACCESS, type StoreAccess } from '../datastore/datastore.module.js';
import { Listeners } from '../gateway/index.js';
import { LogRoot } from '../logging/index.js';
import { HOST_PROCESS, type HostProcess, ServerState } from '../system/index.js';
import { DATASTORE_DRIVERS } from './datastore-drivers.js';
import type { Premises } from './premises.js';
import { HOST_PROVIDERS } from '../plugin-host/index.js';
import { Readiness } from './readiness.js';

/** What comes from outside: the configuration, the log, the process, what it holds already. */
@Module({})
export class HostModule {
  static forRoot(options: {
    readonly configuration: DispatcherConfiguration;
    readonly process: HostProcess;
    readonly log: LogRoot;
    readonly hostProviders?: readonly Provider[];
    readonly premises: Premises;
  }): DynamicModule {
    const providers = [
      { provide: CONFIGURATION, useValue: options.configuration },
      { provide: HOST_PROCESS, useValue: options.process },
      // a factory, because Nest calls the life-cycle hooks of whatever object it is given
      { provide: LogRoot, useFactory: () => options.log },
      {
        provide: STORE_ACCESS,
        useFactory: (): StoreAccess => ({
          drivers: DATASTORE_DRIVERS,
          lease: options.premises.lease,
        }),
      },
      { provide: Listeners, useFactory: () => options.premises.listeners },
      { provide: HOST_PROVIDERS, useFactory: () => options.hostProviders ?? [] },
      Readiness,
      { provide: ServerState, useExisting: Readiness },
    ];
    const named = [CONFIGURATION, HOST_PROCESS, HOST_PROVIDERS, STORE_ACCESS];
    const tokens = [...named, Listeners, LogRoot, Readiness, ServerState];
    return { module: HostModule, global: true, providers, exports: tokens };
  }
}
