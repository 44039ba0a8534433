import type { Definitions, Schema, Signature } from '../../values/index.js';

/** A part of the tree: a service, or a word on the way to one. */
export interface Namespace {
  readonly name: string;
  /** The words that lead to it; none for the top. */
  readonly path: readonly string[];
  readonly description: string;
  readonly children: ReadonlyMap<string, Namespace>;
  readonly commands: ReadonlyMap<string, Callable>;
  /** Tasks whose name a method has: `submit NAME` reaches them. */
  readonly hiddenTasks: ReadonlyMap<string, TaskCallable>;
  readonly entity: Entity | null;
  readonly config: ConfigAccess | null;
}

export type Callable = MethodCallable | TaskCallable | PluginCallable;

interface Common {
  /** As it is typed: `get_by_name`. */
  readonly name: string;
  readonly description: string;
  readonly signature: Signature;
  /** How many arguments must be given. */
  readonly least: number;
}

export interface MethodCallable extends Common {
  readonly kind: 'method';
  /** `service.method` */
  readonly method: string;
  readonly isPrivate: boolean;
  /** It takes a filter and params, as the query contract has them, and changes nothing. */
  readonly isQuery: boolean;
  /** Its items come one by one. */
  readonly isStream: boolean;
  readonly roles: readonly string[];
  readonly deprecated: string | null;
  /** The schema of its answer; null when it says nothing. */
  readonly result: unknown;
}

export interface TaskCallable extends Common {
  readonly kind: 'task';
  /** `files.copy` */
  readonly task: string;
  readonly isPrivate: boolean;
  readonly isAbortable: boolean;
}

/** A command that a plugin of the shell brings; what runs it knows what is behind `handler`. */
export interface PluginCallable extends Common {
  readonly kind: 'plugin';
  readonly plugin: string;
  readonly handler: unknown;
}

/** A namespace with a `query`: rows that can be shown, and perhaps made, changed and deleted. */
export interface Entity {
  readonly service: string;
  readonly query: MethodCallable;
  /** Of a row; null when nothing is said of them. */
  readonly properties: Readonly<Record<string, Schema>> | null;
  readonly definitions: Definitions;
  /** The property that tells rows apart. */
  readonly key: string;
  /** The property that people know a row by, where that is another. */
  readonly label: string | null;
  readonly create: MethodCallable | TaskCallable | null;
  /** Takes the key and an object of changes. */
  readonly update: MethodCallable | TaskCallable | null;
  readonly remove: MethodCallable | TaskCallable | null;
  /** Of a table where nobody chooses; null where the schema decides. */
  readonly columns: readonly string[] | null;
  /** What can be done to one row, by name: their first argument is its key. */
  readonly verbs: ReadonlyMap<string, MethodCallable | TaskCallable>;
}

/** A namespace with one set of settings. */
export interface ConfigAccess {
  readonly service: string;
  readonly read: MethodCallable;
  /** Takes an object of changes. */
  readonly update: MethodCallable | TaskCallable | null;
  readonly properties: Readonly<Record<string, Schema>> | null;
  readonly definitions: Definitions;
}

/** Words that a namespace answers to beside its children and commands. */
export const ENTITY_COMMANDS = ['show', 'create'] as const;
export const ITEM_COMMANDS = ['show', 'get', 'set', 'edit', 'delete'] as const;
export const CONFIG_COMMANDS = ['show', 'get', 'set', 'edit'] as const;
export type DerivedCommand = (typeof ITEM_COMMANDS)[number] | 'create';
