import { Inject, Injectable } from '@nestjs/common';
import { ApiKeys, presentDoer, Principals } from '../../auth/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../../config/index.js';
import { EventRouter, systemClock } from '../../events/index.js';
import { LogRoot } from '../../logging/index.js';
import type { Logger } from '../../sdk/index.js';
import { InlineExecutor } from '../executors/inline.executor.js';
import { ExecutorPool } from '../executors/isolated/executor-pool.js';
import { TaskHookTable } from '../hooks/task-hook-table.js';
import { ResourceGraph } from '../resources/index.js';
import { DatastoreTaskStore } from '../store/datastore-task-store.js';
import { SecretBox } from '../../datastore/index.js';
import type { HistoryBounds } from '../store/task-store.js';
import { TaskHandlerTable } from '../task-handler-table.js';
import type { TaskEngineDependencies } from './task-engine.js';
import { TaskTracer } from './task-tracer.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What the engine of a server works with; tests and benches give it something else. */
@Injectable()
export class ServerEngineDependencies implements TaskEngineDependencies {
  readonly executors: TaskEngineDependencies['executors'];
  readonly publish: TaskEngineDependencies['publish'];
  readonly mayRun: TaskEngineDependencies['mayRun'];
  readonly clock = systemClock;
  readonly logger: Logger;
  readonly tracer = TaskTracer.ofRegisteredSdk();
  readonly verifyTimeoutMs: number;
  readonly history: HistoryBounds;

  constructor(
    readonly handlers: TaskHandlerTable,
    readonly resources: ResourceGraph,
    readonly hooks: TaskHookTable,
    readonly taskStore: DatastoreTaskStore,
    readonly secrets: SecretBox,
    isolated: ExecutorPool,
    events: EventRouter,
    principals: Principals,
    keys: ApiKeys,
    log: LogRoot,
    @Inject(CONFIGURATION) { dispatcher: { tasks } }: DispatcherConfiguration,
  ) {
    this.executors = { inline: new InlineExecutor(), isolated };
    this.publish = (event, args, audience) => events.publish(event, args, audience);
    this.mayRun = (doer, { name, roles }) =>
      presentDoer(doer, { principals, keys })?.rights.mayRun(name, roles) === true;
    this.logger = log.create({ component: 'tasks' });
    this.verifyTimeoutMs = tasks.verifyTimeoutMs;
    const { maxAgeDays, maxCount } = tasks.history;
    this.history = { maxAgeMs: maxAgeDays * DAY_MS, maxCount };
  }

  readonly now = (): Date => new Date();
}
