import { type DynamicModule, Module } from '@nestjs/common';
import type { DispatcherConfiguration } from './config/index.js';
import { LogRoot } from './logging/index.js';
import { Readiness } from './readiness.js';
import { CONFIGURATION, HOST_PROCESS, type HostProcess } from './tokens.js';

/** What comes from outside: the configuration, the log and the process the server runs in. */
@Module({})
export class HostModule {
  static forRoot(options: {
    readonly configuration: DispatcherConfiguration;
    readonly process: HostProcess;
    readonly log: LogRoot;
  }): DynamicModule {
    const providers = [
      { provide: CONFIGURATION, useValue: options.configuration },
      { provide: HOST_PROCESS, useValue: options.process },
      // a factory, because Nest calls the life-cycle hooks of whatever object it is given
      { provide: LogRoot, useFactory: () => options.log },
      { provide: Readiness, useFactory: () => new Readiness() },
    ];
    const tokens = [CONFIGURATION, HOST_PROCESS, LogRoot, Readiness];
    return { module: HostModule, global: true, providers, exports: tokens };
  }
}
