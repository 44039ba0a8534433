import type { ConfigStore, Datastore } from './datastore.js';
import type { Dispatcher } from './dispatcher.js';
import { injectMembers } from './injected.js';
import type { Logger } from './logger.js';

/** A resource that a task needs: a bare name claims it exclusively. */
export type Claim = string | { readonly resource: string; readonly mode: 'shared' | 'exclusive' };

export type Claims = readonly Claim[];

/** A description that clients can translate: `message` is the English text of `format` and `args`. */
export interface TaskDescription {
  readonly message: string;
  readonly name?: string;
  readonly format?: { readonly string: string; readonly args: Readonly<Record<string, unknown>> };
}

/**
 * Base of a task handler: the only kind of code that changes the system. `verify` says which
 * resources it needs, `run` does the work while they are locked, `rollback` undoes half of it.
 *
 * The parameters of the methods are those of `@accepts`; they are declared as methods, whose
 * parameters TypeScript compares both ways, so that a subclass may name its own.
 */
export abstract class Task {
  /** Text shown until `verify` has ended. */
  static readonly earlyDescribe?: string;

  readonly dispatcher!: Dispatcher;
  readonly datastore!: Datastore;
  readonly configstore!: ConfigStore;
  readonly logger!: Logger;

  describe?(...args: never[]): string | TaskDescription;
  abstract verify(...args: never[]): Claims | Promise<Claims>;
  abstract run(...args: never[]): unknown;
  rollback?(...args: never[]): void | Promise<void>;
  /** Asks a running task to stop; false when it cannot. */
  abort?(): boolean;
}
injectMembers(Task);
