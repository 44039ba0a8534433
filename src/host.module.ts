import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { DispatcherConfiguration } from './config/index.js';
import { LogRoot } from './logging/index.js';
import { Readiness } from './readiness.js';
import { CONFIGURATION, HOST_PROCESS, type HostProcess, LENT_PROVIDERS } from './tokens.js';

/** What comes from outside: the configuration, the log and the process the server runs in. */
@Module({})
export class HostModule {
  static forRoot(options: {
    readonly configuration: DispatcherConfiguration;
    readonly process: HostProcess;
    readonly log: LogRoot;
    readonly lent?: readonly Provider[];
  }): DynamicModule {
    const providers = [
      { provide: CONFIGURATION, useValue: options.configuration },
      { provide: HOST_PROCESS, useValue: options.process },
      // a factory, because Nest calls the life-cycle hooks of whatever object it is given
      { provide: LogRoot, useFactory: () => options.log },
      { provide: LENT_PROVIDERS, useFactory: () => options.lent ?? [] },
      { provide: Readiness, useFactory: () => new Readiness() },
    ];
    const tokens = [CONFIGURATION, HOST_PROCESS, LENT_PROVIDERS, LogRoot, Readiness];
    return { module: HostModule, global: true, providers, exports: tokens };
  }
}
