import type { ArgumentsValidator, ValueValidator } from '../schema/index.js';
import type {
  ConfigStore,
  Datastore,
  Dispatcher,
  Logger,
  Sender,
  Task,
  TaskContext,
  TaskOptions,
} from '../sdk/index.js';

/** A task class as its plugin registered it. */
export interface TaskHandler {
  readonly name: string;
  readonly owner: string;
  /** Name of the class: how a process that loads the plugin's code itself finds it there. */
  readonly className: string;
  readonly description: string | null;
  /** The static text of the class, shown until `verify` has ended. */
  readonly earlyDescribe: string | null;
  readonly options: TaskOptions;
  readonly isAbortable: boolean;
  readonly hasRollback: boolean;
  readonly isPrivate: boolean;
  readonly roles: readonly string[];
  readonly argumentsValidator: ArgumentsValidator | null;
  readonly resultValidator: ValueValidator | null;
  /** Of a class that only other nodes have: lets one of them check arguments, as the validators would. */
  readonly check?: (args: readonly unknown[], isStrict: boolean) => Promise<readonly unknown[]>;
  readonly origin: TaskOrigin;
  /** Nest's guards of the class; null where there are none. Rejects with what one of them refuses with. */
  readonly guard?: TaskGuard | null;
  /** The server as a task of this plugin sees it. The plugin's code stays usable until they are released. */
  acquire(context: TaskContext): TaskResources;
  /** A new instance with its plugin's dependency injection, in this process, with those resources. */
  create(context: TaskContext, resources: TaskResources): Promise<Task>;
}

/** Asked at a submit and a plan, after the roles and the schemas, and not for a subtask. */
export type TaskGuard = (request: {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly sender: Sender;
}) => Promise<void>;

/** Where the code of a task comes from, for a process that has to load it itself. */
export interface TaskOrigin {
  readonly plugin: string;
  /** Absolute path of the plugin's entry file. */
  readonly entry: string;
  /** Another number for each time that any plugin was loaded. */
  readonly generation: number;
  /** What the configuration says to the plugin, checked. */
  options: object;
  /** The compiled text of each file of that generation, by absolute path. */
  sources(): ReadonlyMap<string, string>;
  /** The text is not forgotten before what is returned was called: a reload may come while a task waits for a process. */
  keep(): () => void;
}

/** What a task has of the server while it runs, wherever it runs. */
export interface TaskResources {
  readonly dispatcher: Dispatcher;
  readonly datastore: Datastore;
  readonly configstore: ConfigStore;
  readonly logger: Logger;
  /** The present values of the plugin's settings by prefix, as a process of its own is told them. */
  settings?(): Readonly<Record<string, object>>;
  /** Event handlers go, streams that are read from are ended, nothing can be called any more. */
  release(): Promise<void>;
}
