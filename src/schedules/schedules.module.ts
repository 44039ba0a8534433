import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import {
  ApiKeys,
  type AuthorisedSender,
  type Doer,
  presentDoer,
  type Principal,
  Principals,
} from '../auth/index.js';
import { READERS } from '../cluster/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { EventsModule } from '../events/events.module.js';
import { EventRouter, systemClock } from '../events/index.js';
import { LogRoot } from '../logging/index.js';
import { Datastore, type Sender } from '../sdk/index.js';
import { TaskSeat } from '../tasks/index.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { ScheduleRunner } from './schedule-runner.js';
import { ScheduleSeat } from './schedule-seat.js';
import { ScheduleStore } from './schedule-store.js';

const OWNERS = Symbol('who owns schedules');
const NEWS = Symbol('who is told of schedules');

/** The schedules of the server and who runs them; the life of the server starts and stops it. */
@Module({
  imports: [AuthModule, DatastoreModule, EventsModule, TasksModule],
  providers: [
    ScheduleSeat,
    {
      provide: ScheduleStore,
      useFactory: (datastore: Datastore) => new ScheduleStore(datastore),
      inject: [Datastore],
    },
    {
      provide: ScheduleRunner,
      useFactory: (store: ScheduleStore, tasks: TaskSeat, owners: Owners, news: News) =>
        new ScheduleRunner({
          ...{ store, tasks, clock: systemClock, now: () => new Date() },
          ...{ senderOf: owners.senderOf, publish: news.publish, logger: news.logger },
        }),
      inject: [ScheduleStore, TaskSeat, OWNERS, NEWS],
    },
    {
      provide: OWNERS,
      useFactory: (principals: Principals, keys: ApiKeys): Owners => ({
        senderOf: (doer) => senderOf(doer, presentDoer(doer, { principals, keys })),
      }),
      inject: [Principals, ApiKeys],
    },
    {
      provide: NEWS,
      useFactory: (events: EventRouter, log: LogRoot): News => ({
        publish: (event, args) => events.publish(event, args, READERS),
        logger: log.create({ component: 'schedules' }),
      }),
      inject: [EventRouter, LogRoot],
    },
  ],
  exports: [ScheduleRunner, ScheduleSeat, ScheduleStore],
})
export class SchedulesModule {}

interface Owners {
  readonly senderOf: (doer: Doer) => Sender | null;
}

interface News {
  readonly publish: (event: string, args: Record<string, unknown>) => void;
  readonly logger: ReturnType<LogRoot['create']>;
}

function senderOf(
  { owner }: Doer,
  principal: Principal | null,
): (AuthorisedSender & { readonly principal: Principal }) | null {
  if (principal === null) return null;
  const { roles, rights } = principal;
  return {
    kind: 'user',
    user: owner,
    roles: [...roles],
    rights,
    principal,
    address: 'schedule',
    sessionId: null,
  };
}
