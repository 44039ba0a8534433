import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Principals } from '../auth/index.js';
import { SERVER_NAME } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import type { DocumentStore } from '../datastore/index.js';
import { EventsModule } from '../events/events.module.js';
import { EventRouter, EventTypeTable, systemClock } from '../events/index.js';
import { LogRoot } from '../logging/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import { Datastore } from '../sdk/index.js';
import { TaskService } from '../services/index.js';
import { HOST_PROCESS, type HostProcess } from '../system/index.js';
import {
  DatastoreTaskStore,
  ExecutorPool,
  InlineExecutor,
  ResourceGraph,
  SecretBox,
  TaskEngine,
  TaskHandlerTable,
  TaskHookTable,
  TaskMetrics,
  TaskReader,
  TaskTracer,
} from '../tasks/index.js';
import { TasksLifecycle } from './tasks-lifecycle.js';
import { TASK_EVENT_TYPES } from '../wire/index.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Encrypts the passwords of tasks that wait; nothing else can read them. */
const KEY_FILE = 'task-secrets.key';

/** What the processes run that tasks are isolated in. */
const WORKER = fileURLToPath(new URL('../task-worker/main.js', import.meta.url));

/** Tasks: what they lock, where their rows are, who runs them. */
@Module({
  imports: [AuthModule, DatastoreModule, EventsModule, SchemaModule],
  providers: [
    TasksLifecycle,
    TaskHandlerTable,
    TaskMetrics,
    { provide: ResourceGraph, useFactory: () => new ResourceGraph() },
    { provide: TaskHookTable, useFactory: () => new TaskHookTable() },
    {
      provide: ExecutorPool,
      useFactory: (
        handlers: TaskHandlerTable,
        log: LogRoot,
        { dispatcher: { tasks } }: DispatcherConfiguration,
      ) => {
        const { min, max } = tasks.executors;
        const pool = new ExecutorPool({
          entry: WORKER,
          clock: systemClock,
          logger: log.create({ component: 'executors' }),
          abortGraceMs: tasks.abortGraceMs,
          ...(min !== null && { min }),
          ...(max !== null && { max }),
        });
        handlers.onReload((plugin) => pool.retire(plugin));
        return pool;
      },
      inject: [TaskHandlerTable, LogRoot, CONFIGURATION],
    },
    {
      provide: SecretBox,
      useFactory: ({ stateDirectory }: HostProcess) =>
        SecretBox.open(join(stateDirectory, KEY_FILE)),
      inject: [HOST_PROCESS],
    },
    {
      provide: DatastoreTaskStore,
      useFactory: (store: DocumentStore, events: EventRouter, log: LogRoot) =>
        DatastoreTaskStore.open({
          store,
          clock: systemClock,
          logger: log.create({ component: 'tasks' }),
          onFailure: (failure) => {
            if (failure === null) events.publish('task.store_recovered', {});
            else {
              const { code, message } = failure;
              events.publish('task.store_failed', { code, message });
            }
          },
        }),
      inject: [Datastore, EventRouter, LogRoot],
    },
    {
      provide: TaskEngine,
      useFactory: (
        handlers: TaskHandlerTable,
        resources: ResourceGraph,
        hooks: TaskHookTable,
        taskStore: DatastoreTaskStore,
        secrets: SecretBox,
        isolated: ExecutorPool,
        events: EventRouter,
        log: LogRoot,
        principals: Principals,
        { dispatcher: { tasks } }: DispatcherConfiguration,
      ) =>
        new TaskEngine({
          handlers,
          resources,
          hooks,
          taskStore,
          secrets,
          executors: { inline: new InlineExecutor(), isolated },
          publish: (event, args, audience) => events.publish(event, args, audience),
          clock: systemClock,
          now: () => new Date(),
          logger: log.create({ component: 'tasks' }),
          tracer: TaskTracer.ofRegisteredSdk(),
          mayRun: (user, { name, roles }) =>
            principals.present(user)?.rights.mayRun(name, roles) === true,
          verifyTimeoutMs: tasks.verifyTimeoutMs,
          history: {
            maxAgeMs: tasks.history.maxAgeDays * DAY_MS,
            maxCount: tasks.history.maxCount,
          },
        }),
      inject: [
        TaskHandlerTable,
        ResourceGraph,
        TaskHookTable,
        DatastoreTaskStore,
        SecretBox,
        ExecutorPool,
        EventRouter,
        LogRoot,
        Principals,
        CONFIGURATION,
      ],
    },
    {
      provide: TaskService,
      useFactory: (
        engine: TaskEngine,
        taskStore: DatastoreTaskStore,
        handlers: TaskHandlerTable,
        pool: ExecutorPool,
      ) =>
        new TaskService({
          engine,
          reader: new TaskReader(engine, taskStore),
          handlers,
          listExecutors: () => pool.list(),
        }),
      inject: [TaskEngine, DatastoreTaskStore, TaskHandlerTable, ExecutorPool],
    },
  ],
  exports: [
    ResourceGraph,
    TaskHandlerTable,
    TaskHookTable,
    TaskEngine,
    TaskService,
    TaskMetrics,
    TasksLifecycle,
  ],
})
export class TasksModule {
  constructor(types: EventTypeTable, schemas: SchemaRegistry) {
    types.addCore(TASK_EVENT_TYPES, schemas, SERVER_NAME);
  }
}
