import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Global, Module } from '@nestjs/common';
import { Principals } from '../auth/index.js';
import type { DispatcherConfiguration } from '../config/index.js';
import type { DocumentStore } from '../datastore/index.js';
import { EventRouter, systemClock } from '../events/index.js';
import { LogRoot } from '../logging/index.js';
import { MetricsRegistry } from '../metrics/index.js';
import { Datastore } from '../sdk/index.js';
import { TaskService } from '../services/index.js';
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
import { CONFIGURATION, HOST_PROCESS, type HostProcess, TASK_HANDLERS } from './tokens.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Encrypts the passwords of tasks that wait; nothing else can read them. */
const KEY_FILE = 'task-secrets.key';

/** What the processes run that tasks are isolated in. */
const WORKER = fileURLToPath(new URL('../task-worker/main.js', import.meta.url));

/** Tasks: what they lock, where their rows are, who runs them. */
@Global()
@Module({
  providers: [
    TasksLifecycle,
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
      inject: [TASK_HANDLERS, LogRoot, CONFIGURATION],
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
        TASK_HANDLERS,
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
      inject: [TaskEngine, DatastoreTaskStore, TASK_HANDLERS, ExecutorPool],
    },
    {
      provide: TaskMetrics,
      useFactory: (engine: TaskEngine, pool: ExecutorPool, metrics: MetricsRegistry) => {
        const source = new TaskMetrics({ engine, listExecutors: () => pool.list() });
        metrics.add(source);
        return source;
      },
      inject: [TaskEngine, ExecutorPool, MetricsRegistry],
    },
  ],
  exports: [ResourceGraph, TaskHookTable, TaskEngine, TaskService, TasksLifecycle],
})
export class TasksModule {}
