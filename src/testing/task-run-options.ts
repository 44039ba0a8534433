import type { Provider as NestProvider, Type } from '@nestjs/common';
import type { Clock } from '../events/index.js';
import type {
  AnyClass,
  Claims,
  ConfigStore,
  Datastore,
  Dispatcher,
  Logger,
  ProgressReport,
  SettingsType,
  Task,
} from '../sdk/index.js';

/** What stands for a subtask: its class, which is run in earnest, or a function that gives its result. */
export type SubtaskAnswer = Type<Task> | ((...args: never[]) => unknown);

/** What a task is run with; everything has a default. */
export interface TaskRunOptions {
  /** Default 1. */
  readonly id?: number;
  /** Who submits it; default `root`. */
  readonly user?: string | null;
  readonly environment?: Readonly<Record<string, unknown>>;
  /** Default a `FakeDispatcher` without answers. */
  readonly dispatcher?: Dispatcher;
  /** Default an empty `memoryDatastore()`. */
  readonly datastore?: Datastore;
  /** Default an empty `memoryConfigStore()`. */
  readonly configstore?: ConfigStore;
  /** Classes of settings that the task has injected; their values are those of `configstore`. */
  readonly settings?: readonly SettingsType[];
  readonly logger?: Logger;
  /** What the constructor of the task, and of real subtasks, asks for: classes, `{ provide, useValue }`. */
  readonly providers?: readonly NestProvider[];
  /** Schema classes that `@accepts` or `@returns` refers to by `h.ref`. */
  readonly schemas?: readonly AnyClass[];
  /** Subtasks by name. One that is not here is refused as an unknown task. */
  readonly subtasks?: Readonly<Record<string, SubtaskAnswer>>;
  /** For `verifySubtask` of a subtask that a function stands for. */
  readonly subtaskClaims?: Readonly<Record<string, Claims>>;
  /** Goes for `timeoutMs` and `retry` of the task; default the real one. */
  readonly clock?: Clock;
  /** Told at once of each report, of subtasks too; may abort the task that it comes from. */
  readonly onProgress?: (progress: ProgressReport, abort: () => boolean) => void;
}
