import { Module } from '@nestjs/common';
import { EventFanout } from '../cluster/index.js';
import { SERVER_NAME } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import type { Logger } from '../sdk/index.js';
import { SERVER_EVENT_TYPES } from '../wire/index.js';
import { EventMetrics } from './event-metrics.js';
import { EventRouter } from './event-router.js';
import { EventSourceTable } from './event-source-table.js';
import { EventTypeTable } from './event-type-table.js';

/** What happens and who wants to know. */
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
      provide: EventRouter,
      useFactory: (
        logger: Logger,
        types: EventTypeTable,
        fanout: EventFanout,
        { dispatcher }: DispatcherConfiguration,
      ) => {
        const events = new EventRouter({
          logger,
          now: () => new Date(),
          fanout,
          nameCharacters: dispatcher.limits.nameCharacters,
          typeOf: (name) => types.get(name),
        });
        types.announceBy(events);
        return events;
      },
      inject: [SERVER_LOGGER, EventTypeTable, EventFanout, CONFIGURATION],
    },
  ],
  exports: [EventSourceTable, EventMetrics, EventTypeTable, EventRouter],
})
export class EventsModule {}
