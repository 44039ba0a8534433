import type { CallTarget } from '../auth/index.js';
import type { ArgumentsValidator, ValueValidator } from '../schema/index.js';
import type { MethodDescription } from '../wire/index.js';
import type { Call } from './call.js';
import type { MethodTally } from './method-tally.js';
import type { ServiceOwner } from './service-owner.js';

/** Everything the pipeline needs to run one method, worked out once when the method is registered. */
export interface MethodHandler {
  readonly service: string;
  readonly name: string;
  readonly owner: ServiceOwner;
  readonly access: MethodAccess;
  /** Null when the method declares no schemas: its arguments are passed on unchecked. */
  readonly argumentsValidator: ArgumentsValidator | null;
  readonly resultValidator: ValueValidator | null;
  /** For some of the items that a generator method yields; null when they may be anything. */
  readonly fragmentValidator: ValueValidator | null;
  /** A `query` method: its result has the declared shape only while nothing is selected or excluded. */
  readonly isQuery: boolean;
  readonly isGenerator: boolean;
  /**
   * Its code is in another process: arguments that no schema describes are passed on as the caller gave
   * them, and of its results only an async iterable is a stream, an array being an array.
   */
  readonly isForwarded?: true;
  /** Names for calls that pass an object; null when they cannot be known. */
  readonly parameterNames: readonly string[] | null;
  readonly description: MethodDescription;
  /** What is counted of it; the pipeline looks it up once. */
  tally?: MethodTally;
  invoke(args: unknown[], call: Call): unknown;
}

/** What decides who may call it. */
export type MethodAccess = CallTarget;
