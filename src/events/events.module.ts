import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { SERVER_NAME } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import type { Logger } from '../sdk/index.js';
import { SERVER_EVENT_TYPES } from '../wire/index.js';
import { EventJournal } from './event-journal.js';
import { EventMetrics } from './event-metrics.js';
import { EventRouter } from './event-router.js';
import { EventSourceTable } from './event-source-table.js';
import { EventTypeTable } from './event-type-table.js';

/** Two starts of the server must not share an epoch: their cursors would be mixed up. */
const EPOCH_BYTES = 8;

/** What happens, who wants to know, and what is remembered of it. */
@Module({
  imports: [SchemaModule],
  providers: [
    EventSourceTable,
    EventMetrics,
    {
      provide: EventTypeTable,
      useFactory: (schemas: SchemaRegistry) => {
        const types = new EventTypeTable();
        types.addCore(SERVER_EVENT_TYPES, schemas, SERVER_NAME);
        return types;
      },
      inject: [SchemaRegistry],
    },
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
        logger: Logger,
        types: EventTypeTable,
        journal: EventJournal,
        { dispatcher }: DispatcherConfiguration,
      ) => {
        const events = new EventRouter({
          logger,
          now: () => new Date(),
          journal,
          nameCharacters: dispatcher.limits.nameCharacters,
          typeOf: (name) => types.get(name),
        });
        types.announceBy(events);
        return events;
      },
      inject: [SERVER_LOGGER, EventTypeTable, EventJournal, CONFIGURATION],
    },
  ],
  exports: [EventSourceTable, EventMetrics, EventTypeTable, EventJournal, EventRouter],
})
export class EventsModule {}
