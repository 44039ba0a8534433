import { randomBytes } from 'node:crypto';
import { Global, Module } from '@nestjs/common';
import { OwnedTable } from '../common/index.js';
import type { DispatcherConfiguration } from '../config/index.js';
import {
  CORE_EVENT_TYPES,
  EventJournal,
  EventRouter,
  type EventSourceRegistration,
  EventTypeTable,
} from '../events/index.js';
import { LogRoot } from '../logging/index.js';
import { MetricsRegistry } from '../metrics/index.js';
import { queryLimitsOf } from './query-limits.js';
import {
  CallPipeline,
  CallTallies,
  CallTracer,
  CallInstrumentation,
  FailureReporter,
  ServiceOwner,
  ServiceRegistry,
} from '../rpc/index.js';
import { SchemaRegistry } from '../schema/index.js';
import type { Logger } from '../sdk/index.js';
import { TASK_EVENT_TYPES, TaskHandlerTable } from '../tasks/index.js';
import {
  CONFIGURATION,
  EVENT_SOURCES,
  EVENT_TYPES,
  SERVER_LOGGER,
  SERVER_OWNER,
  TASK_HANDLERS,
} from './tokens.js';

/** Two starts of the server must not share an epoch: their cursors would be mixed up. */
const EPOCH_BYTES = 8;

/** The registries that decorators fill, and the pipeline that calls what is in them. */
@Global()
@Module({
  providers: [
    {
      provide: SERVER_LOGGER,
      useFactory: (log: LogRoot) => log.create({ component: 'server' }),
      inject: [LogRoot],
    },
    { provide: SERVER_OWNER, useFactory: () => new ServiceOwner('the server') },
    { provide: SchemaRegistry, useFactory: () => new SchemaRegistry() },
    { provide: ServiceRegistry, useFactory: () => new ServiceRegistry() },
    { provide: EVENT_TYPES, useFactory: () => new EventTypeTable() },
    {
      provide: EVENT_SOURCES,
      useFactory: () => new OwnedTable<EventSourceRegistration>('Event source'),
    },
    { provide: TASK_HANDLERS, useFactory: () => new TaskHandlerTable() },
    {
      provide: EventJournal,
      useFactory: ({ dispatcher: { limits } }: DispatcherConfiguration) =>
        new EventJournal(randomBytes(EPOCH_BYTES).toString('hex'), {
          events: limits.eventJournalEvents,
          bytes: limits.eventJournalBytes,
        }),
      inject: [CONFIGURATION],
    },
    {
      provide: EventRouter,
      useFactory: (
        ...parts: [
          Logger,
          EventTypeTable,
          EventJournal,
          SchemaRegistry,
          ServiceOwner,
          DispatcherConfiguration,
        ]
      ) => {
        const [logger, types, journal, schemas, owner, { dispatcher }] = parts;
        const { nameCharacters } = dispatcher.limits;
        const now = (): Date => new Date();
        const events = new EventRouter({
          logger,
          now,
          journal,
          nameCharacters,
          typeOf: (name) => types.get(name),
        });
        types.addCore(CORE_EVENT_TYPES, schemas, owner.name);
        types.addCore(TASK_EVENT_TYPES, schemas, owner.name);
        types.announceBy(events);
        return events;
      },
      inject: [
        SERVER_LOGGER,
        EVENT_TYPES,
        EventJournal,
        SchemaRegistry,
        SERVER_OWNER,
        CONFIGURATION,
      ],
    },
    {
      provide: FailureReporter,
      useFactory: (logger: Logger, { dispatcher }: DispatcherConfiguration) =>
        new FailureReporter(logger, { exposesStacks: dispatcher.debugErrors }),
      inject: [SERVER_LOGGER, CONFIGURATION],
    },
    {
      provide: MetricsRegistry,
      useFactory: (logger: Logger) =>
        new MetricsRegistry((error) => logger.error('Metrics could not be collected', { error })),
      inject: [SERVER_LOGGER],
    },
    { provide: CallTallies, useFactory: () => new CallTallies() },
    {
      provide: CallPipeline,
      useFactory: (
        services: ServiceRegistry,
        failures: FailureReporter,
        configuration: DispatcherConfiguration,
        tallies: CallTallies,
      ) => {
        const { dispatcher } = configuration;
        return new CallPipeline(
          services,
          failures,
          {
            resultValidation: dispatcher.resultValidation,
            serviceWaitMs: dispatcher.limits.serviceWaitMs,
            maxCollectedItems: dispatcher.limits.queryRows,
            queryLimits: queryLimitsOf(configuration),
          },
          new CallInstrumentation(tallies, CallTracer.ofRegisteredSdk()),
        );
      },
      inject: [ServiceRegistry, FailureReporter, CONFIGURATION, CallTallies],
    },
  ],
  exports: [
    SERVER_LOGGER,
    SERVER_OWNER,
    SchemaRegistry,
    ServiceRegistry,
    EVENT_TYPES,
    EVENT_SOURCES,
    TASK_HANDLERS,
    EventJournal,
    EventRouter,
    FailureReporter,
    MetricsRegistry,
    CallTallies,
    CallPipeline,
  ],
})
export class CoreModule {}
