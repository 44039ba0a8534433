import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { SchemaRegistry } from '../schema/index.js';
import {
  bindTask,
  classMetadata,
  ConfigStore,
  Datastore,
  Dispatcher,
  Logger,
  type Task,
} from '../sdk/index.js';
import { describeTaskClass, type TaskHandler, type TaskResources } from '../tasks/index.js';
import { FakeDispatcher } from './fake-dispatcher.js';
import { memoryConfigStore, memoryDatastore } from './memory-stores.js';
import { settingsProviders } from './memory-settings.js';
import { RecordingLogger } from './recording-logger.js';
import type { SubtaskAnswer, TaskRunOptions } from './task-run-options.js';

const OWNER = 'test';
const ORIGIN = {
  plugin: OWNER,
  entry: '',
  generation: 0,
  options: {},
  sources: () => new Map(),
  keep: () => () => undefined,
};

/** Where a task and its subtasks are put together: dependency injection, schemas, what they have of the server. */
export class TaskBench {
  readonly #schemas = new SchemaRegistry();
  #lastId: number;

  private constructor(
    readonly options: TaskRunOptions,
    private readonly context: INestApplicationContext,
    private readonly resources: TaskResources,
  ) {
    this.#lastId = (options.id ?? 1) - 1;
    for (const type of options.schemas ?? []) {
      this.#schemas.define(type.name, type as Type, { owner: OWNER });
    }
  }

  static async open(options: TaskRunOptions): Promise<TaskBench> {
    const resources: TaskResources = {
      dispatcher: options.dispatcher ?? new FakeDispatcher(),
      datastore: options.datastore ?? memoryDatastore(),
      configstore: options.configstore ?? (await memoryConfigStore()),
      logger: options.logger ?? new RecordingLogger(),
      release: () => Promise.resolve(),
    };
    class BenchModule {}
    const providers = [
      { provide: Dispatcher, useValue: resources.dispatcher },
      { provide: Datastore, useValue: resources.datastore },
      { provide: ConfigStore, useValue: resources.configstore },
      { provide: Logger, useValue: resources.logger },
      ...(await settingsProviders(options.settings ?? [], resources.configstore)),
      ...(options.providers ?? []),
    ];
    const context = await NestFactory.createApplicationContext(
      { module: BenchModule, providers },
      { logger: false, abortOnError: false },
    );
    return new TaskBench(options, context, resources);
  }

  close(): Promise<void> {
    return this.context.close();
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  get logger(): Logger {
    return this.resources.logger;
  }

  /** @throws Error for a class without `@task`; RpcException EINVAL when a schema is invalid */
  handlerOf(type: Type<Task>): TaskHandler {
    const { role } = classMetadata(type);
    if (role?.kind !== 'task') throw new Error(`Class ${type.name} has no @task decorator`);
    return {
      ...describeTaskClass(type, this.#schemas, OWNER),
      name: role.name,
      owner: OWNER,
      origin: ORIGIN,
      acquire: () => this.resources,
      create: async (context, { dispatcher, datastore, configstore, logger }) => {
        const task = await this.context.get(ModuleRef).create(type);
        Object.assign(task, { dispatcher, datastore, configstore, logger });
        bindTask(task, context);
        return task;
      },
    };
  }

  answerOf(name: string): SubtaskAnswer | undefined {
    const { subtasks = {} } = this.options;
    return Object.hasOwn(subtasks, name) ? subtasks[name] : undefined;
  }
}
