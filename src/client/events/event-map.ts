/** What a task row's state can be; the last three are final. */
export type TaskState =
  'CREATED' | 'WAITING' | 'EXECUTING' | 'ROLLBACK' | 'FINISHED' | 'FAILED' | 'ABORTED';

interface Told {
  /** A sentence for people. */
  readonly description: string;
}

interface FromClient extends Told {
  readonly address: string;
}

/**
 * The args of the server's own events by name. A program adds those of its plugins by merging into
 * this interface, and has them typed wherever it names the event.
 *
 * @example
 * declare module 'dispatcher/client' {
 *   interface DispatcherEventMap {
 *     'network.link.changed': { readonly name: string; readonly up: boolean };
 *   }
 * }
 */
export interface DispatcherEventMap {
  readonly 'server.ready': Told;
  readonly 'server.shutdown': Told;
  readonly 'server.client_connected': FromClient;
  readonly 'server.client_disconnected': FromClient;
  readonly 'server.client_login': FromClient & { readonly username: string | null };
  readonly 'server.client_logout': FromClient & { readonly username: string | null };
  readonly 'server.event.added': { readonly name: string };
  readonly 'server.event.removed': { readonly name: string };
  readonly 'server.schema_document_changed': { readonly hash: string };
  readonly 'server.plugin.loaded': { readonly name: string };
  readonly 'server.plugin.initialized': { readonly name: string };
  readonly 'server.plugin.load_error': {
    readonly name: string;
    readonly stage: string;
    readonly message: string;
  };
  readonly 'session.message': {
    readonly sender_id: number | null;
    readonly sender_name: string | null;
    readonly message: string;
  };
  readonly 'task.created': TaskNews & { readonly user: string | null };
  readonly 'task.updated': TaskNews & {
    readonly user: string | null;
    readonly error: { readonly code: number; readonly message: string } | null;
  };
  readonly 'task.progress': Omit<TaskNews, 'parent'> & {
    readonly percentage: number | null;
    readonly message: string | null;
    readonly extra: unknown;
    readonly abortable: boolean;
  };
  readonly 'task.changed': {
    readonly operation: 'create' | 'update';
    readonly ids: readonly number[];
  };
}

interface TaskNews {
  readonly id: number;
  readonly name: string;
  readonly state: TaskState;
  readonly parent: number | null;
}

/** An event as a handler gets it. The server adds a `timestamp` to the args of every event. */
export interface DispatcherEvent<Name extends string = string, Args = Record<string, unknown>> {
  readonly name: Name;
  readonly args: Args;
  /** Its place in the order of all events; opaque. Null from a server that has none. */
  readonly cursor: string | null;
  /** Of what it came, the same text in the server's log; null when nobody knows. */
  readonly cause: string | null;
}

/** What a mask brings: the typed event for a name that the map knows, any event otherwise. */
export type EventFor<Mask extends string> = Mask extends keyof DispatcherEventMap
  ? DispatcherEvent<Mask, DispatcherEventMap[Mask]>
  : DispatcherEvent;
