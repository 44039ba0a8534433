import type {
  ConfigStore,
  Datastore,
  Dispatcher,
  LogFields,
  Logger,
  ProgressReport,
  QueryParams,
  Filter,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../../../sdk/index.js';
import type { TaskResources } from '../../task-handler.js';
import { type CrossingError, fromCrossing } from './crossing-error.js';
import { asked, type ExposedMethods, methodsOf } from './exposed-methods.js';
import { BatchedStream } from './host-streams.js';

const DISPATCHER = [
  'callSync',
  'submitTask',
  'registerResource',
  'updateResource',
  'renameResource',
  'unregisterResource',
  'runHook',
  'emitEvent',
] as const satisfies readonly (keyof Dispatcher)[];

const DATASTORE = [
  'requireCollection',
  'listCollections',
  'dropCollection',
  'query',
  'count',
  'exists',
  'getOne',
  'getById',
  'insert',
  'insertMany',
  'update',
  'replace',
  'upsert',
  'delete',
  'deleteMany',
  'claim',
  'batch',
  'increment',
] as const satisfies readonly (keyof Datastore)[];

const CONFIGSTORE = [
  'get',
  'set',
  'setMany',
  'exists',
  'delete',
  'listChildren',
] as const satisfies readonly (keyof ConfigStore)[];

export function dispatcherMethods(dispatcher: Dispatcher): ExposedMethods {
  return new Map(methodsOf(dispatcher, DISPATCHER));
}

export function datastoreMethods(datastore: Datastore): ExposedMethods {
  const stream = (collection: string, filter: Filter, params: QueryParams | null): BatchedStream =>
    new BatchedStream(datastore.queryStream<unknown>(collection, filter, params));
  return new Map([...methodsOf(datastore, DATASTORE), ['queryStream', asked(stream)]]);
}

export function configstoreMethods({
  configstore,
  settings,
}: Pick<TaskResources, 'configstore' | 'settings'>): ExposedMethods {
  return new Map([
    ...methodsOf(configstore, CONFIGSTORE),
    [
      'nodeUpdate',
      asked((prefix: string, values: Record<string, unknown>) =>
        configstore.node(prefix).update(values),
      ),
    ],
    ['settings', asked(() => settings?.() ?? {})],
    ['nodeToObject', asked((prefix: string) => configstore.node(prefix).toObject())],
  ]);
}

export function taskMethods(context: TaskContext): ExposedMethods {
  return new Map([
    ['report', asked((progress: ProgressReport) => context.report(progress))],
    ['warn', asked((warning: TaskWarning) => context.warn(warning))],
    ['startSubtask', asked((request: SubtaskRequest) => context.startSubtask(request))],
    ['joinSubtask', asked((id: number) => context.joinSubtask(id))],
    ['abortSubtask', asked((id: number) => context.abortSubtask(id))],
    [
      'verifySubtask',
      asked((name: string, args: readonly unknown[]) => context.verifySubtask(name, args)),
    ],
  ]);
}

/** Lines of a task carry its number beside the plugin's name. */
export function loggerMethods(logger: Logger, task: number): ExposedMethods {
  const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
  return new Map(
    levels.map((level) => [
      level,
      asked((message: string, fields: LogFields, error: CrossingError | null) =>
        logger[level](message, {
          ...fields,
          ...(error !== null && { error: fromCrossing(error) }),
          task,
        }),
      ),
    ]),
  );
}
