// Made by `dispatcherctl codegen` from what a server says of itself. Do not edit it: make it again.
// Schema hash: b339b1221f39abafaefa9e395d5ad578969ef0fea1d8bf63a6741d9480773487
/* eslint-disable */
import { type DispatcherClient, type Password, type TypedClient, typedClient } from "dispatcher/client";

/** A share that is to be made */
export interface NewShare {
  /** Its name, and that of its folder */
  readonly name: string;
  readonly comment?: string | null | undefined;
  readonly read_only: boolean;
}

/** Arguments and results of methods, by their names. */
export interface Methods {
  readonly "account.change_password": { readonly args: readonly [old: Password | string, replacement: Password | string]; readonly result: null };
  readonly "account.create": { readonly args: readonly [argument1: {
    readonly username: string;
    readonly password?: Password | string | null | undefined;
    readonly roles?: readonly string[] | undefined;
  }]; readonly result: {
    readonly id: string | number;
    readonly username: string;
    readonly roles: readonly string[];
    readonly locked: boolean;
    /** Without one a user can log in on this machine only */
    readonly has_password: boolean;
  } };
  readonly "account.create_api_key": { readonly args: readonly [wanted: {
    /** For people: what it is for */
    readonly name: string;
    readonly username?: string | null | undefined;
    readonly roles?: readonly string[] | null | undefined;
    readonly expires_at?: Date | null | undefined;
    readonly expires_in?: number | null | undefined;
  }]; readonly result: {
    readonly id: string;
    readonly name: string;
    readonly username: string;
    readonly roles: readonly string[] | null;
    readonly created_at: Date;
    readonly expires_at: Date | null;
    readonly last_used_at: Date | null;
    readonly last_used_address: string | null;
    readonly key: string;
  } };
  readonly "account.list_api_keys": { readonly args: readonly [username?: string | null]; readonly result: readonly ({
    readonly id: string;
    readonly name: string;
    readonly username: string;
    readonly roles: readonly string[] | null;
    readonly created_at: Date;
    readonly expires_at: Date | null;
    readonly last_used_at: Date | null;
    readonly last_used_address: string | null;
  })[] };
  readonly "account.query": { readonly args: readonly [filter?: null | readonly (readonly [string, "=" | "!=" | ">" | "<" | ">=" | "<=" | "in" | "nin" | "~" | "contains" | "ncontains" | "match", unknown, "timestamp"?] | readonly ["and" | "or" | "nor", readonly (readonly unknown[])[]])[], params?: {
    readonly single?: boolean | null | undefined;
    readonly count?: boolean | null | undefined;
    readonly offset?: number | null | undefined;
    readonly limit?: number | null | undefined;
    readonly sort?: null | string | readonly string[] | undefined;
    readonly dir?: "asc" | "desc" | null | undefined;
    readonly reverse?: boolean | null | undefined;
    readonly select?: null | string | readonly string[] | undefined;
    readonly exclude?: null | string | readonly string[] | undefined;
  } | null]; readonly result: readonly ({
    readonly id: string | number;
    readonly username: string;
    readonly roles: readonly string[];
    readonly locked: boolean;
    /** Without one a user can log in on this machine only */
    readonly has_password: boolean;
  })[] | {
    readonly id: string | number;
    readonly username: string;
    readonly roles: readonly string[];
    readonly locked: boolean;
    /** Without one a user can log in on this machine only */
    readonly has_password: boolean;
  } | number | null };
  readonly "account.remove": { readonly args: readonly [username: string]; readonly result: null };
  readonly "account.revoke_api_key": { readonly args: readonly [id: string]; readonly result: null };
  readonly "account.update": { readonly args: readonly [argument1: string, argument2: {
    readonly password?: Password | string | null | undefined;
    readonly roles?: readonly string[] | undefined;
    readonly locked?: boolean | undefined;
  }]; readonly result: {
    readonly id: string | number;
    readonly username: string;
    readonly roles: readonly string[];
    readonly locked: boolean;
    /** Without one a user can log in on this machine only */
    readonly has_password: boolean;
  } };
  readonly "discovery.get_event_types": { readonly args: readonly []; readonly result: Readonly<Record<string, unknown>> };
  readonly "discovery.get_methods": { readonly args: readonly [service: string]; readonly result: readonly Readonly<Record<string, unknown>>[] };
  readonly "discovery.get_schema": { readonly args: readonly []; readonly result: Readonly<Record<string, unknown>> };
  readonly "discovery.get_schema_hash": { readonly args: readonly []; readonly result: string };
  readonly "discovery.get_services": { readonly args: readonly []; readonly result: readonly string[] };
  readonly "discovery.get_tasks": { readonly args: readonly []; readonly result: Readonly<Record<string, unknown>> };
  readonly "event.cursor": { readonly args: readonly []; readonly result: string };
  readonly "event.get_my_subscriptions": { readonly args: readonly []; readonly result: readonly string[] };
  readonly "event.replay": { readonly args: readonly [argument1: readonly string[], argument2: {
    /** As it came beside an event or from event.cursor */
    readonly since: string;
    /** Subscribe this connection from the end on */
    readonly subscribe?: boolean | undefined;
  }]; readonly result: {
    readonly events: readonly ({
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
      /** As it came beside an event or from event.cursor */
      readonly cursor: string;
      /** Id of what it was published because of */
      readonly cause?: string | undefined;
    })[];
    /** As it came beside an event or from event.cursor */
    readonly cursor: string;
    /** Events may be missing: read the state again */
    readonly gap: boolean;
  } };
  readonly "lock.acquire": { readonly args: readonly [name: string, timeout?: number | null]; readonly result: boolean };
  readonly "lock.get_locks": { readonly args: readonly []; readonly result: readonly ({
    readonly name: string;
    readonly holder: string | null;
    readonly waiters: readonly string[];
  })[] };
  readonly "lock.init": { readonly args: readonly [name: string]; readonly result: null };
  readonly "lock.is_locked": { readonly args: readonly [name: string]; readonly result: boolean };
  readonly "lock.release": { readonly args: readonly [name: string]; readonly result: null };
  readonly "log.follow": { readonly args: readonly [argument1?: {
    /** The least severe level to see */
    readonly level?: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | undefined;
    /** Only lines of this part of the server */
    readonly component?: string | undefined;
    /** How many past lines come first */
    readonly tail?: number | undefined;
  }]; readonly result: readonly {
    readonly time: string;
    /** One of trace, debug, info, warn, error, fatal */
    readonly level: string;
    /** The part of the server that wrote it */
    readonly component: string;
    readonly message: string;
    /** What else the line says; secrets are hidden */
    readonly fields: Readonly<Record<string, unknown>>;
  }[] };
  readonly "log.recent": { readonly args: readonly [argument1?: {
    /** The least severe level to see */
    readonly level?: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | undefined;
    /** Only lines of this part of the server */
    readonly component?: string | undefined;
    /** How many past lines come first */
    readonly tail?: number | undefined;
  }]; readonly result: readonly {
    readonly time: string;
    /** One of trace, debug, info, warn, error, fatal */
    readonly level: string;
    /** The part of the server that wrote it */
    readonly component: string;
    readonly message: string;
    /** What else the line says; secrets are hidden */
    readonly fields: Readonly<Record<string, unknown>>;
  }[] };
  readonly "management.collect_debug": { readonly args: readonly []; readonly result: readonly Uint8Array[] };
  readonly "management.disable_plugin": { readonly args: readonly [name: string]; readonly result: readonly string[] };
  readonly "management.enable_features": { readonly args: readonly [names: readonly string[]]; readonly result: null };
  readonly "management.enable_plugin": { readonly args: readonly [name: string]; readonly result: readonly string[] };
  readonly "management.get_available_features": { readonly args: readonly []; readonly result: readonly string[] };
  readonly "management.get_connected_clients": { readonly args: readonly []; readonly result: readonly ({
    readonly session_id: number | null;
    readonly user: string | null;
    readonly address: string;
    readonly resource: string | null;
  })[] };
  readonly "management.get_enabled_features": { readonly args: readonly []; readonly result: readonly string[] };
  readonly "management.get_event_source_states": { readonly args: readonly []; readonly result: readonly ({
    readonly name: string;
    readonly plugin: string;
    readonly state: "idle" | "running" | "backing-off" | "ended" | "stopping" | "stopped";
    /** Whether each is wanted */
    readonly events: Readonly<Record<string, boolean>>;
    /** How often its loop threw */
    readonly failures: number;
    readonly error: string | null;
  })[] };
  readonly "management.get_event_sources": { readonly args: readonly []; readonly result: readonly string[] };
  readonly "management.get_logging_level": { readonly args: readonly []; readonly result: string };
  readonly "management.get_plugin_names": { readonly args: readonly []; readonly result: readonly string[] };
  readonly "management.get_plugins": { readonly args: readonly []; readonly result: readonly ({
    readonly name: string;
    readonly directory: string;
    readonly state: "loaded" | "failed" | "skipped" | "unloaded" | "disabled";
    readonly stage?: string | undefined;
    readonly error?: string | undefined;
    /** Stored settings that do not fit, whose defaults are used */
    readonly settings?: readonly string[] | undefined;
    readonly depends: readonly string[];
    readonly metadata: Readonly<Record<string, unknown>>;
  })[] };
  readonly "management.get_sender_address": { readonly args: readonly []; readonly result: string };
  readonly "management.kick_session": { readonly args: readonly [session: number]; readonly result: null };
  readonly "management.ping": { readonly args: readonly []; readonly result: string };
  readonly "management.reload_plugins": { readonly args: readonly [names?: readonly string[] | null]; readonly result: null };
  readonly "management.set_logging_level": { readonly args: readonly [level: string]; readonly result: null };
  readonly "management.shutdown": { readonly args: readonly []; readonly result: null };
  readonly "management.status": { readonly args: readonly []; readonly result: {
    /** Seconds since 1970, UTC */
    readonly "started-at": number;
    readonly "connected-clients": number;
    readonly "store-failure": string | null;
  } };
  readonly "management.wait_ready": { readonly args: readonly []; readonly result: boolean };
  readonly "nas.share.get": { readonly args: readonly [name: string]; readonly result: {
    readonly id: string;
    readonly comment: string | null;
    readonly read_only: boolean;
    readonly used_bytes: number | null;
    readonly created_at: Date;
    readonly updated_at: Date;
  } | null };
  readonly "nas.share.query": { readonly args: readonly [filter?: null | readonly (readonly [string, "=" | "!=" | ">" | "<" | ">=" | "<=" | "in" | "nin" | "~" | "contains" | "ncontains" | "match", unknown, "timestamp"?] | readonly ["and" | "or" | "nor", readonly (readonly unknown[])[]])[], params?: {
    readonly single?: boolean | null | undefined;
    readonly count?: boolean | null | undefined;
    readonly offset?: number | null | undefined;
    readonly limit?: number | null | undefined;
    readonly sort?: null | string | readonly string[] | undefined;
    readonly dir?: "asc" | "desc" | null | undefined;
    readonly reverse?: boolean | null | undefined;
    readonly select?: null | string | readonly string[] | undefined;
    readonly exclude?: null | string | readonly string[] | undefined;
  } | null]; readonly result: readonly ({
    readonly id: string;
    readonly comment: string | null;
    readonly read_only: boolean;
    readonly used_bytes: number | null;
    readonly created_at: Date;
    readonly updated_at: Date;
  })[] | {
    readonly id: string;
    readonly comment: string | null;
    readonly read_only: boolean;
    readonly used_bytes: number | null;
    readonly created_at: Date;
    readonly updated_at: Date;
  } | number | null };
  readonly "plugin.wait_for_service": { readonly args: readonly [name: string, timeout?: number | null]; readonly result: boolean };
  readonly "role.create": { readonly args: readonly [role: {
    readonly name: string;
    readonly methods: readonly string[];
    readonly publish?: readonly string[] | undefined;
    readonly tasks?: readonly string[] | undefined;
  }]; readonly result: {
    readonly name: string;
    readonly methods: readonly string[];
    readonly publish: readonly string[];
    readonly tasks: readonly string[];
  } };
  readonly "role.query": { readonly args: readonly [filter?: null | readonly (readonly [string, "=" | "!=" | ">" | "<" | ">=" | "<=" | "in" | "nin" | "~" | "contains" | "ncontains" | "match", unknown, "timestamp"?] | readonly ["and" | "or" | "nor", readonly (readonly unknown[])[]])[], params?: {
    readonly single?: boolean | null | undefined;
    readonly count?: boolean | null | undefined;
    readonly offset?: number | null | undefined;
    readonly limit?: number | null | undefined;
    readonly sort?: null | string | readonly string[] | undefined;
    readonly dir?: "asc" | "desc" | null | undefined;
    readonly reverse?: boolean | null | undefined;
    readonly select?: null | string | readonly string[] | undefined;
    readonly exclude?: null | string | readonly string[] | undefined;
  } | null]; readonly result: readonly {
    readonly name: string;
    readonly methods: readonly string[];
    readonly publish: readonly string[];
    readonly tasks: readonly string[];
  }[] | {
    readonly name: string;
    readonly methods: readonly string[];
    readonly publish: readonly string[];
    readonly tasks: readonly string[];
  } | number | null };
  readonly "role.remove": { readonly args: readonly [name: string]; readonly result: null };
  readonly "role.update": { readonly args: readonly [name: string, patch: {
    readonly methods?: readonly string[] | undefined;
    readonly publish?: readonly string[] | undefined;
    readonly tasks?: readonly string[] | undefined;
  }]; readonly result: {
    readonly name: string;
    readonly methods: readonly string[];
    readonly publish: readonly string[];
    readonly tasks: readonly string[];
  } };
  readonly "schedule.create": { readonly args: readonly [given: {
    readonly name: string;
    readonly enabled?: boolean | undefined;
    readonly cron: string;
    /** IANA name; default UTC */
    readonly timezone?: string | undefined;
    readonly task: string;
    readonly args?: readonly unknown[] | undefined;
    readonly environment?: Readonly<Record<string, unknown>> | undefined;
    /** What becomes of times that passed while the server did not run */
    readonly catch_up?: "once" | "none" | undefined;
    /** Seconds that a run may be late */
    readonly jitter_s?: number | undefined;
    /** What becomes of a time at which the last run still goes on */
    readonly overlap?: "skip" | "queue" | undefined;
  }]; readonly result: number };
  readonly "schedule.preview": { readonly args: readonly [argument1: string, argument2: string, argument3?: number]; readonly result: readonly Date[] };
  readonly "schedule.query": { readonly args: readonly [filter?: null | readonly (readonly [string, "=" | "!=" | ">" | "<" | ">=" | "<=" | "in" | "nin" | "~" | "contains" | "ncontains" | "match", unknown, "timestamp"?] | readonly ["and" | "or" | "nor", readonly (readonly unknown[])[]])[], params?: {
    readonly single?: boolean | null | undefined;
    readonly count?: boolean | null | undefined;
    readonly offset?: number | null | undefined;
    readonly limit?: number | null | undefined;
    readonly sort?: null | string | readonly string[] | undefined;
    readonly dir?: "asc" | "desc" | null | undefined;
    readonly reverse?: boolean | null | undefined;
    readonly select?: null | string | readonly string[] | undefined;
    readonly exclude?: null | string | readonly string[] | undefined;
  } | null]; readonly result: readonly ({
    readonly id: number;
    readonly name: string;
    /** As whom its task is submitted */
    readonly owner: string;
    readonly enabled: boolean;
    readonly cron: string;
    readonly timezone: string;
    readonly task: string;
    readonly args: readonly unknown[] | null;
    readonly environment: Readonly<Record<string, unknown>> | null;
    /** What becomes of times that passed while the server did not run */
    readonly catch_up: "once" | "none";
    /** Seconds that a run may be late */
    readonly jitter_s: number;
    /** What becomes of a time at which the last run still goes on */
    readonly overlap: "skip" | "queue";
    readonly last: {
      readonly task_id: number | null;
      readonly state: string;
      readonly at: Date;
      readonly error: string | null;
    } | null;
    readonly next_at: Date | null;
  })[] | {
    readonly id: number;
    readonly name: string;
    /** As whom its task is submitted */
    readonly owner: string;
    readonly enabled: boolean;
    readonly cron: string;
    readonly timezone: string;
    readonly task: string;
    readonly args: readonly unknown[] | null;
    readonly environment: Readonly<Record<string, unknown>> | null;
    /** What becomes of times that passed while the server did not run */
    readonly catch_up: "once" | "none";
    /** Seconds that a run may be late */
    readonly jitter_s: number;
    /** What becomes of a time at which the last run still goes on */
    readonly overlap: "skip" | "queue";
    readonly last: {
      readonly task_id: number | null;
      readonly state: string;
      readonly at: Date;
      readonly error: string | null;
    } | null;
    readonly next_at: Date | null;
  } | number | null };
  readonly "schedule.remove": { readonly args: readonly [id: number]; readonly result: null };
  readonly "schedule.run_now": { readonly args: readonly [id: number]; readonly result: number };
  readonly "schedule.update": { readonly args: readonly [id: number, patch: {
    readonly name?: string | undefined;
    readonly enabled?: boolean | undefined;
    readonly cron?: string | undefined;
    readonly timezone?: string | undefined;
    readonly task?: string | undefined;
    readonly args?: readonly unknown[] | undefined;
    readonly environment?: Readonly<Record<string, unknown>> | undefined;
    /** What becomes of times that passed while the server did not run */
    readonly catch_up?: "once" | "none" | undefined;
    /** Seconds that a run may be late */
    readonly jitter_s?: number | undefined;
    /** What becomes of a time at which the last run still goes on */
    readonly overlap?: "skip" | "queue" | undefined;
  }]; readonly result: null };
  readonly "session.get_live_user_sessions": { readonly args: readonly []; readonly result: readonly ({
    readonly id: number;
    readonly username: string;
    readonly address: string;
    readonly resource: string | null;
    readonly started_at: Date;
    readonly ended_at?: Date | null | undefined;
    readonly active: boolean;
  })[] };
  readonly "session.get_my_session_id": { readonly args: readonly []; readonly result: number | null };
  readonly "session.query": { readonly args: readonly [filter?: null | readonly (readonly [string, "=" | "!=" | ">" | "<" | ">=" | "<=" | "in" | "nin" | "~" | "contains" | "ncontains" | "match", unknown, "timestamp"?] | readonly ["and" | "or" | "nor", readonly (readonly unknown[])[]])[], params?: {
    readonly single?: boolean | null | undefined;
    readonly count?: boolean | null | undefined;
    readonly offset?: number | null | undefined;
    readonly limit?: number | null | undefined;
    readonly sort?: null | string | readonly string[] | undefined;
    readonly dir?: "asc" | "desc" | null | undefined;
    readonly reverse?: boolean | null | undefined;
    readonly select?: null | string | readonly string[] | undefined;
    readonly exclude?: null | string | readonly string[] | undefined;
  } | null]; readonly result: readonly ({
    readonly id: number;
    readonly username: string;
    readonly address: string;
    readonly resource: string | null;
    readonly started_at: Date;
    readonly ended_at?: Date | null | undefined;
    readonly active: boolean;
  })[] | {
    readonly id: number;
    readonly username: string;
    readonly address: string;
    readonly resource: string | null;
    readonly started_at: Date;
    readonly ended_at?: Date | null | undefined;
    readonly active: boolean;
  } | number | null };
  readonly "session.send_to_all": { readonly args: readonly [message: string]; readonly result: null };
  readonly "session.send_to_session": { readonly args: readonly [id: number, message: string]; readonly result: null };
  readonly "session.whoami": { readonly args: readonly []; readonly result: {
    readonly username: string | null;
    readonly kind: "user" | "service" | "plugin" | "anonymous";
    readonly roles: readonly string[];
    readonly session_id: number | null;
    readonly address: string;
  } };
  readonly "settings.describe": { readonly args: readonly []; readonly result: readonly ({
    readonly key: string;
    /** Who declares it */
    readonly plugin: string;
    readonly group: string | null;
    readonly description: string | null;
    readonly schema: Readonly<Record<string, unknown>>;
    readonly default: unknown;
    /** Can be set and is never shown */
    readonly secret: boolean;
    /** False: the default is used */
    readonly is_set: boolean;
    readonly problem: string | null;
    /** The role that it takes to see the value */
    readonly read_by: string;
    /** The role that it takes to change it */
    readonly changed_by: string;
  })[] };
  readonly "settings.get": { readonly args: readonly [prefix?: string | null]; readonly result: Readonly<Record<string, unknown>> };
  readonly "settings.reset": { readonly args: readonly [keys: readonly string[]]; readonly result: null };
  readonly "settings.set": { readonly args: readonly [values: Readonly<Record<string, unknown>>]; readonly result: null };
  readonly "task.abort": { readonly args: readonly [id: number]; readonly result: boolean };
  readonly "task.explain": { readonly args: readonly [id: number]; readonly result: {
    readonly id: number;
    readonly name: string;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly waits: readonly ({
      readonly relation: "held" | "precedes" | "missing" | "verifying" | "order" | "executor";
      readonly claim?: {
        readonly resource: string;
        readonly mode: string;
      } | undefined;
      /** What the other task claims */
      readonly resource?: string | undefined;
      /** Why no executor can be started; it is tried again and again */
      readonly reason?: string | undefined;
      /** The task that is in the way */
      readonly task?: number | undefined;
      /** From the claimed resource to the other, in the graph */
      readonly path?: readonly string[] | undefined;
    })[];
    readonly stages: {
      readonly verify_ms: number | null;
      readonly wait_ms: number | null;
      readonly run_ms: number | null;
      readonly rollback_ms: number | null;
      readonly total_ms: number | null;
    };
  } };
  readonly "task.list_executors": { readonly args: readonly []; readonly result: readonly ({
    readonly index: number;
    readonly state: "starting" | "idle" | "executing" | "ending";
    readonly pid: number | null;
    readonly task: number | null;
  })[] };
  readonly "task.list_resources": { readonly args: readonly []; readonly result: readonly ({
    readonly name: string;
    readonly parents: readonly string[];
    readonly holders: readonly ({
      readonly task: number;
      readonly mode: "shared" | "exclusive";
    })[];
    readonly waiters: readonly number[];
  })[] };
  readonly "task.plan": { readonly args: readonly [name: string, args?: readonly unknown[] | null]; readonly result: {
    readonly resources: readonly (string | {
      readonly resource: string;
      readonly mode: "shared" | "exclusive";
    })[];
    readonly description: {
      /** English */
      readonly message: string;
      readonly name?: string | undefined;
      readonly format?: {
        readonly string: string;
        readonly args: Readonly<Record<string, unknown>>;
      } | undefined;
    } | null;
  } };
  readonly "task.query": { readonly args: readonly [filter?: null | readonly (readonly [string, "=" | "!=" | ">" | "<" | ">=" | "<=" | "in" | "nin" | "~" | "contains" | "ncontains" | "match", unknown, "timestamp"?] | readonly ["and" | "or" | "nor", readonly (readonly unknown[])[]])[], params?: {
    readonly single?: boolean | null | undefined;
    readonly count?: boolean | null | undefined;
    readonly offset?: number | null | undefined;
    readonly limit?: number | null | undefined;
    readonly sort?: null | string | readonly string[] | undefined;
    readonly dir?: "asc" | "desc" | null | undefined;
    readonly reverse?: boolean | null | undefined;
    readonly select?: null | string | readonly string[] | undefined;
    readonly exclude?: null | string | readonly string[] | undefined;
  } | null]; readonly result: readonly ({
    readonly id: number;
    /** Name of the task class */
    readonly name: string;
    readonly args: readonly unknown[];
    readonly user: string | null;
    readonly session: number | null;
    readonly parent: number | null;
    readonly environment: Readonly<Record<string, unknown>>;
    readonly resources: readonly (string | {
      readonly resource: string;
      readonly mode: "shared" | "exclusive";
    })[];
    readonly description: {
      /** English */
      readonly message: string;
      readonly name?: string | undefined;
      readonly format?: {
        readonly string: string;
        readonly args: Readonly<Record<string, unknown>>;
      } | undefined;
    } | null;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly progress: {
      readonly percentage: number | null;
      readonly message: string | null;
      readonly extra: unknown;
    };
    readonly result: unknown;
    readonly output: string | null;
    readonly error: {
      readonly type: string;
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly stacktrace: string | null;
    } | null;
    readonly warnings: readonly {
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly at: Date;
    }[];
    readonly created_at: Date;
    readonly verified_at: Date | null;
    readonly started_at: Date | null;
    readonly rollback_at: Date | null;
    readonly finished_at: Date | null;
    readonly abortable: boolean;
    readonly abort_requested: boolean;
    readonly cause: string | null;
  })[] | {
    readonly id: number;
    /** Name of the task class */
    readonly name: string;
    readonly args: readonly unknown[];
    readonly user: string | null;
    readonly session: number | null;
    readonly parent: number | null;
    readonly environment: Readonly<Record<string, unknown>>;
    readonly resources: readonly (string | {
      readonly resource: string;
      readonly mode: "shared" | "exclusive";
    })[];
    readonly description: {
      /** English */
      readonly message: string;
      readonly name?: string | undefined;
      readonly format?: {
        readonly string: string;
        readonly args: Readonly<Record<string, unknown>>;
      } | undefined;
    } | null;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly progress: {
      readonly percentage: number | null;
      readonly message: string | null;
      readonly extra: unknown;
    };
    readonly result: unknown;
    readonly output: string | null;
    readonly error: {
      readonly type: string;
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly stacktrace: string | null;
    } | null;
    readonly warnings: readonly {
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly at: Date;
    }[];
    readonly created_at: Date;
    readonly verified_at: Date | null;
    readonly started_at: Date | null;
    readonly rollback_at: Date | null;
    readonly finished_at: Date | null;
    readonly abortable: boolean;
    readonly abort_requested: boolean;
    readonly cause: string | null;
  } | number | null };
  readonly "task.status": { readonly args: readonly [id: number]; readonly result: {
    readonly id: number;
    /** Name of the task class */
    readonly name: string;
    readonly args: readonly unknown[];
    readonly user: string | null;
    readonly session: number | null;
    readonly parent: number | null;
    readonly environment: Readonly<Record<string, unknown>>;
    readonly resources: readonly (string | {
      readonly resource: string;
      readonly mode: "shared" | "exclusive";
    })[];
    readonly description: {
      /** English */
      readonly message: string;
      readonly name?: string | undefined;
      readonly format?: {
        readonly string: string;
        readonly args: Readonly<Record<string, unknown>>;
      } | undefined;
    } | null;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly progress: {
      readonly percentage: number | null;
      readonly message: string | null;
      readonly extra: unknown;
    };
    readonly result: unknown;
    readonly output: string | null;
    readonly error: {
      readonly type: string;
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly stacktrace: string | null;
    } | null;
    readonly warnings: readonly {
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly at: Date;
    }[];
    readonly created_at: Date;
    readonly verified_at: Date | null;
    readonly started_at: Date | null;
    readonly rollback_at: Date | null;
    readonly finished_at: Date | null;
    readonly abortable: boolean;
    readonly abort_requested: boolean;
    readonly cause: string | null;
  } };
  readonly "task.submit": { readonly args: readonly [name: string, args?: readonly unknown[] | null]; readonly result: number };
  readonly "task.submit_with_env": { readonly args: readonly [name: string, args: readonly unknown[] | null, environment: Readonly<Record<string, unknown>>]; readonly result: number };
  readonly "task.wait": { readonly args: readonly [id: number]; readonly result: {
    readonly id: number;
    /** Name of the task class */
    readonly name: string;
    readonly args: readonly unknown[];
    readonly user: string | null;
    readonly session: number | null;
    readonly parent: number | null;
    readonly environment: Readonly<Record<string, unknown>>;
    readonly resources: readonly (string | {
      readonly resource: string;
      readonly mode: "shared" | "exclusive";
    })[];
    readonly description: {
      /** English */
      readonly message: string;
      readonly name?: string | undefined;
      readonly format?: {
        readonly string: string;
        readonly args: Readonly<Record<string, unknown>>;
      } | undefined;
    } | null;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly progress: {
      readonly percentage: number | null;
      readonly message: string | null;
      readonly extra: unknown;
    };
    readonly result: unknown;
    readonly output: string | null;
    readonly error: {
      readonly type: string;
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly stacktrace: string | null;
    } | null;
    readonly warnings: readonly {
      readonly code: number;
      readonly message: string;
      readonly extra: unknown;
      readonly at: Date;
    }[];
    readonly created_at: Date;
    readonly verified_at: Date | null;
    readonly started_at: Date | null;
    readonly rollback_at: Date | null;
    readonly finished_at: Date | null;
    readonly abortable: boolean;
    readonly abort_requested: boolean;
    readonly cause: string | null;
  } };
}

/** The services with their methods. */
export interface Services {
  readonly account: {
    /** Changes the password of the caller, whose other sessions are logged out */
    change_password(...args: Methods["account.change_password"]['args']): Promise<Methods["account.change_password"]['result']>;
    /**
     * Adds a user; without a password it can log in on this machine only
     *
     * Roles: admin
     */
    create(...args: Methods["account.create"]['args']): Promise<Methods["account.create"]['result']>;
    /** Makes an API key of the caller, or for admin of a named user. Only this answer ever has the key */
    create_api_key(...args: Methods["account.create_api_key"]['args']): Promise<Methods["account.create_api_key"]['result']>;
    /** Lists the API keys of the caller, or for admin of a named user, with their last use */
    list_api_keys(...args: Methods["account.list_api_keys"]['args']): Promise<Methods["account.list_api_keys"]['result']>;
    /**
     * Lists users, without their passwords
     *
     * Roles: admin
     */
    query(...args: Methods["account.query"]['args']): Promise<Methods["account.query"]['result']>;
    /**
     * Removes a user and logs it out
     *
     * Roles: admin
     */
    remove(...args: Methods["account.remove"]['args']): Promise<Methods["account.remove"]['result']>;
    /** Ends an API key and everything that goes on by it at once */
    revoke_api_key(...args: Methods["account.revoke_api_key"]['args']): Promise<Methods["account.revoke_api_key"]['result']>;
    /**
     * Changes a user. A new password or a lock logs the user out; roles count from the next call on
     *
     * Roles: admin
     */
    update(...args: Methods["account.update"]['args']): Promise<Methods["account.update"]['result']>;
  };
  readonly datastore: {

  };
  readonly discovery: {
    /** All registered event types by name, with their schemas and how many want them */
    get_event_types(...args: Methods["discovery.get_event_types"]['args']): Promise<Methods["discovery.get_event_types"]['result']>;
    /** Methods of a service with their schemas, roles and marks */
    get_methods(...args: Methods["discovery.get_methods"]['args']): Promise<Methods["discovery.get_methods"]['result']>;
    /** One JSON Schema document with every named definition */
    get_schema(...args: Methods["discovery.get_schema"]['args']): Promise<Methods["discovery.get_schema"]['result']>;
    /** A hash of the schema document, equal as long as the document says the same */
    get_schema_hash(...args: Methods["discovery.get_schema_hash"]['args']): Promise<Methods["discovery.get_schema_hash"]['result']>;
    /** Names of all services */
    get_services(...args: Methods["discovery.get_services"]['args']): Promise<Methods["discovery.get_services"]['result']>;
    /** All task classes by name, with their schemas */
    get_tasks(...args: Methods["discovery.get_tasks"]['args']): Promise<Methods["discovery.get_tasks"]['result']>;
  };
  readonly event: {
    /** The place behind the latest event: what is read after this call is as new or newer */
    cursor(...args: Methods["event.cursor"]['args']): Promise<Methods["event.cursor"]['result']>;
    /** Masks that this connection is subscribed to */
    get_my_subscriptions(...args: Methods["event.get_my_subscriptions"]['args']): Promise<Methods["event.get_my_subscriptions"]['result']>;
    /** Events that match the masks since a cursor, in order, or the word that there is a gap */
    replay(...args: Methods["event.replay"]['args']): Promise<Methods["event.replay"]['result']>;
  };
  readonly lock: {
    /**
     * Waits for the lock, in the order of asking; false when the time was over before
     *
     * Roles: admin
     */
    acquire(...args: Methods["lock.acquire"]['args']): Promise<Methods["lock.acquire"]['result']>;
    /** All locks with their holders and those who wait */
    get_locks(...args: Methods["lock.get_locks"]['args']): Promise<Methods["lock.get_locks"]['result']>;
    /**
     * Makes a lock known; does nothing when it is
     *
     * Roles: admin
     */
    init(...args: Methods["lock.init"]['args']): Promise<Methods["lock.init"]['result']>;
    /** Whether somebody holds the lock */
    is_locked(...args: Methods["lock.is_locked"]['args']): Promise<Methods["lock.is_locked"]['result']>;
    /**
     * Gives the lock to the next that waits; only its holder may
     *
     * Roles: admin
     */
    release(...args: Methods["lock.release"]['args']): Promise<Methods["lock.release"]['result']>;
  };
  readonly log: {
    /**
     * The latest lines of the log, then each one as it is written, until it is stopped
     *
     * Roles: admin
     */
    follow(...args: Methods["log.follow"]['args']): AsyncGenerator<Methods["log.follow"]['result'][number], void, undefined>;
    /**
     * The latest lines of the log, oldest first
     *
     * Roles: admin
     */
    recent(...args: Methods["log.recent"]['args']): Promise<Methods["log.recent"]['result']>;
  };
  readonly management: {
    /**
     * What somebody who is to help should see, secrets hidden: a tar.gz in pieces, to be joined
     *
     * Roles: admin
     */
    collect_debug(...args: Methods["management.collect_debug"]['args']): AsyncGenerator<Methods["management.collect_debug"]['result'][number], void, undefined>;
    /**
     * Takes a plugin away until it is enabled again, also over restarts; the names of others that depend on it and run no more
     *
     * Roles: admin
     */
    disable_plugin(...args: Methods["management.disable_plugin"]['args']): Promise<Methods["management.disable_plugin"]['result']>;
    /** Turns on features of this connection */
    enable_features(...args: Methods["management.enable_features"]['args']): Promise<Methods["management.enable_features"]['result']>;
    /**
     * Lets a plugin run that was disabled; the names of others that run again with it, or its failure
     *
     * Roles: admin
     */
    enable_plugin(...args: Methods["management.enable_plugin"]['args']): Promise<Methods["management.enable_plugin"]['result']>;
    /** Features that can be turned on */
    get_available_features(...args: Methods["management.get_available_features"]['args']): Promise<Methods["management.get_available_features"]['result']>;
    /** Who is connected */
    get_connected_clients(...args: Methods["management.get_connected_clients"]['args']): Promise<Methods["management.get_connected_clients"]['result']>;
    /** Features that are on for this connection */
    get_enabled_features(...args: Methods["management.get_enabled_features"]['args']): Promise<Methods["management.get_enabled_features"]['result']>;
    /** All event sources: how their loops do and which of their events are wanted */
    get_event_source_states(...args: Methods["management.get_event_source_states"]['args']): Promise<Methods["management.get_event_source_states"]['result']>;
    /** Names of the registered event sources */
    get_event_sources(...args: Methods["management.get_event_sources"]['args']): Promise<Methods["management.get_event_sources"]['result']>;
    /** The present level of the log */
    get_logging_level(...args: Methods["management.get_logging_level"]['args']): Promise<Methods["management.get_logging_level"]['result']>;
    /** Names of the plugins that are loaded */
    get_plugin_names(...args: Methods["management.get_plugin_names"]['args']): Promise<Methods["management.get_plugin_names"]['result']>;
    /** All plugins with their state and the stage and the reason where their latest code does not run; with state loaded it is older code that does */
    get_plugins(...args: Methods["management.get_plugins"]['args']): Promise<Methods["management.get_plugins"]['result']>;
    /** The address the server sees the caller at */
    get_sender_address(...args: Methods["management.get_sender_address"]['args']): Promise<Methods["management.get_sender_address"]['result']>;
    /**
     * Logs a session out and closes its connection
     *
     * Roles: admin
     */
    kick_session(...args: Methods["management.kick_session"]['args']): Promise<Methods["management.kick_session"]['result']>;
    /** Answers "pong"; keeps a login alive */
    ping(...args: Methods["management.ping"]['args']): Promise<Methods["management.ping"]['result']>;
    /**
     * Reads the code of plugins again from disk; returns when they run, or fails with the first failure
     *
     * Roles: admin
     */
    reload_plugins(...args: Methods["management.reload_plugins"]['args']): Promise<Methods["management.reload_plugins"]['result']>;
    /**
     * Changes what is logged, at once: one of trace, debug, info, warn, error, fatal
     *
     * Roles: admin
     */
    set_logging_level(...args: Methods["management.set_logging_level"]['args']): Promise<Methods["management.set_logging_level"]['result']>;
    /**
     * Stops the server in good order
     *
     * Roles: admin
     */
    shutdown(...args: Methods["management.shutdown"]['args']): Promise<Methods["management.shutdown"]['result']>;
    /** Since when the server runs and how many clients are connected */
    status(...args: Methods["management.status"]['args']): Promise<Methods["management.status"]['result']>;
    /** Returns true as soon as all plugins are loaded */
    wait_ready(...args: Methods["management.wait_ready"]['args']): Promise<Methods["management.wait_ready"]['result']>;
  };
  readonly "nas.share": {
    /** One share by its name, null when there is none */
    get(...args: Methods["nas.share.get"]['args']): Promise<Methods["nas.share.get"]['result']>;
    /** Lists the shares */
    query(...args: Methods["nas.share.query"]['args']): Promise<Methods["nas.share.query"]['result']>;
  };
  readonly plugin: {
    /** True as soon as the service is there; false when it is not there in so many seconds */
    wait_for_service(...args: Methods["plugin.wait_for_service"]['args']): Promise<Methods["plugin.wait_for_service"]['result']>;
  };
  readonly role: {
    /**
     * Adds a role: masks over methods, over events to publish and tasks to submit
     *
     * Roles: admin
     */
    create(...args: Methods["role.create"]['args']): Promise<Methods["role.create"]['result']>;
    /**
     * Lists the roles that were added here
     *
     * Roles: admin
     */
    query(...args: Methods["role.query"]['args']): Promise<Methods["role.query"]['result']>;
    /**
     * Removes a role; who has it keeps the name, which then opens nothing
     *
     * Roles: admin
     */
    remove(...args: Methods["role.remove"]['args']): Promise<Methods["role.remove"]['result']>;
    /**
     * Changes the masks of a role; whoever has it notices at the next call
     *
     * Roles: admin
     */
    update(...args: Methods["role.update"]['args']): Promise<Methods["role.update"]['result']>;
  };
  readonly schedule: {
    /**
     * Makes a schedule of the caller, who has to have the right to the task now and when it is due
     *
     * Roles: operator
     */
    create(...args: Methods["schedule.create"]['args']): Promise<Methods["schedule.create"]['result']>;
    /**
     * The next times of a line of cron in a time zone
     *
     * Roles: reader
     */
    preview(...args: Methods["schedule.preview"]['args']): Promise<Methods["schedule.preview"]['result']>;
    /**
     * Lists schedules; what a task is submitted with is shown to its owner and to administrators
     *
     * Roles: reader
     */
    query(...args: Methods["schedule.query"]['args']): Promise<Methods["schedule.query"]['result']>;
    /**
     * Removes a schedule; a task that it has submitted goes on
     *
     * Roles: operator
     */
    remove(...args: Methods["schedule.remove"]['args']): Promise<Methods["schedule.remove"]['result']>;
    /**
     * Submits the task of a schedule now, as its owner, whatever its times; returns the task
     *
     * Roles: operator
     */
    run_now(...args: Methods["schedule.run_now"]['args']): Promise<Methods["schedule.run_now"]['result']>;
    /**
     * Changes a schedule; its owner stays, and it is the owner who needs the right to the task
     *
     * Roles: operator
     */
    update(...args: Methods["schedule.update"]['args']): Promise<Methods["schedule.update"]['result']>;
  };
  readonly session: {
    /** Sessions of users that are connected now */
    get_live_user_sessions(...args: Methods["session.get_live_user_sessions"]['args']): Promise<Methods["session.get_live_user_sessions"]['result']>;
    /** The number of the session that calls; null for a plugin */
    get_my_session_id(...args: Methods["session.get_my_session_id"]['args']): Promise<Methods["session.get_my_session_id"]['result']>;
    /** Lists sessions, present and past ones */
    query(...args: Methods["session.query"]['args']): Promise<Methods["session.query"]['result']>;
    /**
     * Sends a message to every session
     *
     * Roles: operator
     */
    send_to_all(...args: Methods["session.send_to_all"]['args']): Promise<Methods["session.send_to_all"]['result']>;
    /**
     * Sends a message to a session, as an event session.message
     *
     * Roles: operator
     */
    send_to_session(...args: Methods["session.send_to_session"]['args']): Promise<Methods["session.send_to_session"]['result']>;
    /** Who the caller is */
    whoami(...args: Methods["session.whoami"]['args']): Promise<Methods["session.whoami"]['result']>;
  };
  readonly settings: {
    /**
     * All settings: what each is for, what it may be, its default, who may see and change it
     *
     * Roles: reader
     */
    describe(...args: Methods["settings.describe"]['args']): Promise<Methods["settings.describe"]['result']>;
    /**
     * The values by key, defaults included, passwords not; with a prefix those at or below it
     *
     * Roles: reader
     */
    get(...args: Methods["settings.get"]['args']): Promise<Methods["settings.get"]['result']>;
    /**
     * Gives keys their defaults back, all of them or none
     *
     * Roles: admin
     */
    reset(...args: Methods["settings.reset"]['args']): Promise<Methods["settings.reset"]['result']>;
    /**
     * Changes the values of keys, all of them or none; they hold when it returns
     *
     * Roles: admin
     */
    set(...args: Methods["settings.set"]['args']): Promise<Methods["settings.set"]['result']>;
  };
  readonly task: {
    /**
     * Tells a task to stop; true when it will end because of that, false when it is too late
     *
     * Roles: operator
     */
    abort(...args: Methods["task.abort"]['args']): Promise<Methods["task.abort"]['result']>;
    /** Why a task waits, every reason of it, and how long each stage of it took */
    explain(...args: Methods["task.explain"]['args']): Promise<Methods["task.explain"]['result']>;
    /** The processes that run tasks */
    list_executors(...args: Methods["task.list_executors"]['args']): Promise<Methods["task.list_executors"]['result']>;
    /** Everything that tasks can lock, with who has it and who waits for it */
    list_resources(...args: Methods["task.list_resources"]['args']): Promise<Methods["task.list_resources"]['result']>;
    /**
     * Says what a task would lock and do, without submitting it
     *
     * Roles: operator
     */
    plan(...args: Methods["task.plan"]['args']): Promise<Methods["task.plan"]['result']>;
    /** Lists tasks, present and past ones */
    query(...args: Methods["task.query"]['args']): Promise<Methods["task.query"]['result']>;
    /** The row of a task */
    status(...args: Methods["task.status"]['args']): Promise<Methods["task.status"]['result']>;
    /**
     * Submits a task and returns its id; the task is on disk then
     *
     * Roles: operator
     */
    submit(...args: Methods["task.submit"]['args']): Promise<Methods["task.submit"]['result']>;
    /**
     * Submits a task with an environment; the same idempotencyKey in it, submitted again, gives the first id
     *
     * Roles: operator
     */
    submit_with_env(...args: Methods["task.submit_with_env"]['args']): Promise<Methods["task.submit_with_env"]['result']>;
    /** Returns the row of a task as soon as it has ended, at once if it has */
    wait(...args: Methods["task.wait"]['args']): Promise<Methods["task.wait"]['result']>;
  };
}

/** Arguments and results of tasks, by their names. */
export interface Tasks {
  /** Measures all shares */
  readonly "nas.measure_all": { readonly args: readonly []; readonly result: unknown };
  /** Makes a share and its folder */
  readonly "nas.share.create": { readonly args: readonly [argument1: NewShare]; readonly result: unknown };
  /** Measures how much of the disk a share uses */
  readonly "nas.share.measure": { readonly args: readonly [argument1: string]; readonly result: unknown };
  /** Removes an empty share and its folder */
  readonly "nas.share.remove": { readonly args: readonly [argument1: string]; readonly result: unknown };
}

/** What events say, by their names. */
export interface Events {
  /** An API key was made; told to its owner and to admin */
  readonly "account.api_key_created": {
    readonly id: string;
    readonly name: string;
    readonly username: string;
    readonly by: string | null;
    /** A sentence for people */
    readonly description: string;
  };
  /** An API key was revoked; told to its owner and to admin */
  readonly "account.api_key_revoked": {
    readonly id: string;
    readonly name: string;
    readonly username: string;
    readonly by: string | null;
    /** A sentence for people */
    readonly description: string;
  };
  /** Rows were written, by whomever; told to services only */
  readonly "datastore.changed": {
    readonly collection: string;
    readonly operation: "create" | "update" | "delete";
    readonly ids: readonly (string | number)[] | null;
  };
  /** Shares were made, changed or removed */
  readonly "nas.share.changed": {
    readonly operation: "create" | "update" | "delete";
    readonly ids: readonly string[];
  };
  /** A share has more bytes than the setting nas.limit_bytes allows */
  readonly "nas.share.full": Readonly<Record<string, unknown>>;
  /** The loop of an event source threw and is begun again after a pause */
  readonly "plugin.event_source_failed": {
    readonly name: string;
    readonly plugin: string;
    /** What it said */
    readonly error: string;
    /** Seconds */
    readonly restart_in: number;
  };
  /** An external service came */
  readonly "plugin.service_registered": {
    readonly address: string;
    readonly "service-name": string;
    /** A sentence for people */
    readonly description: string;
  };
  /** An external service takes calls */
  readonly "plugin.service_resume": {
    readonly name: string;
  };
  /** An external service went */
  readonly "plugin.service_unregistered": {
    readonly address: string;
    readonly "service-name": string;
    /** A sentence for people */
    readonly description: string;
  };
  /** Schedules were made, changed or removed, or ran */
  readonly "schedule.changed": {
    readonly operation: "create" | "update" | "delete";
    readonly ids: readonly number[];
  };
  /** A time of a schedule passed and its task was not submitted */
  readonly "schedule.missed": {
    readonly id: number;
    readonly name: string;
    readonly due_at: Date;
    /** The server did not run, or the last run still went on */
    readonly reason: "down" | "overlap";
  };
  /** A client connected */
  readonly "server.client_connected": {
    readonly address: string;
    /** A sentence for people */
    readonly description: string;
  };
  /** A client is gone */
  readonly "server.client_disconnected": {
    readonly address: string;
    /** A sentence for people */
    readonly description: string;
  };
  /** A user logged in */
  readonly "server.client_login": {
    readonly address: string;
    readonly username: string | null;
    /** A sentence for people */
    readonly description: string;
  };
  /** The login of a user ended */
  readonly "server.client_logout": {
    readonly address: string;
    readonly username: string | null;
    /** A sentence for people */
    readonly description: string;
  };
  /** A client did not read what it was sent and was disconnected */
  readonly "server.client_stalled": {
    readonly address: string;
    readonly frames: number;
    /** A sentence for people */
    readonly description: string;
  };
  /** An event type was registered */
  readonly "server.event.added": {
    readonly name: string;
  };
  /** An event type was taken back */
  readonly "server.event.removed": {
    readonly name: string;
  };
  /** A plugin runs */
  readonly "server.plugin.initialized": {
    readonly name: string;
  };
  /** A plugin could not be loaded */
  readonly "server.plugin.load_error": {
    readonly name: string;
    readonly stage: string;
    readonly message: string;
  };
  /** The code of a plugin was read */
  readonly "server.plugin.loaded": {
    readonly name: string;
  };
  /** All plugins were tried and clients are served */
  readonly "server.ready": {
    /** A sentence for people */
    readonly description: string;
  };
  /** A schema definition came, went or changed */
  readonly "server.schema_document_changed": {
    /** As of discovery.get_schema_hash */
    readonly hash: string;
  };
  /** A service logged in */
  readonly "server.service_login": {
    readonly address: string;
    readonly name: string | null;
    /** A sentence for people */
    readonly description: string;
  };
  /** The login of a service ended */
  readonly "server.service_logout": {
    readonly address: string;
    readonly name: string | null;
    /** A sentence for people */
    readonly description: string;
  };
  /** The server begins to end */
  readonly "server.shutdown": {
    /** A sentence for people */
    readonly description: string;
  };
  /** The event loop was held up for so long that every client noticed */
  readonly "server.stalled": {
    /** Seconds */
    readonly duration: number;
    readonly plugin: string | null;
    readonly method: string | null;
    readonly location: string | null;
    /** A sentence for people */
    readonly description: string;
  };
  /** Sessions began or ended */
  readonly "session.changed": {
    readonly operation: "create" | "update" | "delete";
    readonly ids: readonly number[];
  };
  /** Somebody sent a message to this session; only its own connection gets it */
  readonly "session.message": {
    readonly sender_id: number | null;
    readonly sender_name: string | null;
    readonly message: string;
  };
  /** Settings were set or reset; services are told of every key of the configuration store */
  readonly "settings.changed": {
    readonly keys: readonly string[];
  };
  /** Rows of task.query were made or changed */
  readonly "task.changed": {
    readonly operation: "create" | "update";
    readonly ids: readonly number[];
  };
  /** A task was submitted; its row is on disk */
  readonly "task.created": {
    readonly id: number;
    /** Name of the task class */
    readonly name: string;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly parent: number | null;
    readonly user: string | null;
  };
  /** How far a running task is; at most ten a second for each task */
  readonly "task.progress": {
    readonly id: number;
    /** Name of the task class */
    readonly name: string;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly percentage: number | null;
    readonly message: string | null;
    readonly extra: unknown;
    readonly abortable: boolean;
  };
  /** Tasks cannot be stored: none is accepted until they can */
  readonly "task.store_failed": {
    readonly code: number;
    readonly message: string;
  };
  /** Tasks are stored and accepted again */
  readonly "task.store_recovered": Readonly<Record<string, never>>;
  /** A task went into another state, which is on disk */
  readonly "task.updated": {
    readonly id: number;
    /** Name of the task class */
    readonly name: string;
    readonly state: "CREATED" | "WAITING" | "EXECUTING" | "ROLLBACK" | "FINISHED" | "FAILED" | "ABORTED";
    readonly parent: number | null;
    readonly user: string | null;
    readonly error: {
      readonly code: number;
      readonly message: string;
    } | null;
  };
}

export interface Api {
  readonly services: Services;
  readonly tasks: Tasks;
  readonly events: Events;
}

export const SCHEMA_HASH = "b339b1221f39abafaefa9e395d5ad578969ef0fea1d8bf63a6741d9480773487";
const STREAMS: readonly string[] = ["log.follow","management.collect_debug"];

/** The client with all that the server offers, typed: `typed(client).task.query()`. */
export function typed(client: DispatcherClient): TypedClient<Api> {
  return typedClient<Api>(client, { streams: STREAMS });
}
