import { Module } from '@nestjs/common';
import { SERVER_NAME } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration, queryLimitsOf } from '../config/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { DocumentStore } from '../datastore/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import type { Logger } from '../sdk/index.js';
import { CallInstrumentation } from './call-instrumentation.js';
import { CallPipeline, PIPELINE_OPTIONS, type PipelineOptions } from './call-pipeline.js';
import { CallTallies } from './call-tallies.js';
import { CallTracer } from './call-tracer.js';
import { FailureReporter } from './failure-reporter.js';
import { SERVER_OWNER, ServiceOwner } from './service-owner.js';
import { ServiceRegistry } from './service.registry.js';

/** What can be called, and the one way into it. */
@Module({
  imports: [DatastoreModule],
  providers: [
    ServiceRegistry,
    CallTallies,
    CallPipeline,
    { provide: SERVER_OWNER, useFactory: () => new ServiceOwner(SERVER_NAME) },
    {
      provide: FailureReporter,
      useFactory: (logger: Logger, { dispatcher }: DispatcherConfiguration) =>
        new FailureReporter(logger, { exposesStacks: dispatcher.debugErrors }),
      inject: [SERVER_LOGGER, CONFIGURATION],
    },
    {
      provide: CallInstrumentation,
      useFactory: (tallies: CallTallies) =>
        new CallInstrumentation(tallies, CallTracer.ofRegisteredSdk()),
      inject: [CallTallies],
    },
    {
      provide: PIPELINE_OPTIONS,
      useFactory: pipelineOptions,
      inject: [CONFIGURATION, DocumentStore],
    },
  ],
  exports: [ServiceRegistry, CallTallies, CallPipeline, SERVER_OWNER, FailureReporter],
})
export class RpcModule {}

function pipelineOptions(
  configuration: DispatcherConfiguration,
  store: DocumentStore,
): PipelineOptions {
  const { resultValidation, limits } = configuration.dispatcher;
  return {
    resultValidation,
    serviceWaitMs: limits.serviceWaitMs,
    maxCollectedItems: limits.queryRows,
    queryLimits: queryLimitsOf(configuration),
    ...(store.isShared && { assertRightsKnown: () => store.assertCurrent() }),
  };
}
