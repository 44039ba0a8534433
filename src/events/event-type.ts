import type { EventScope } from '../cluster/index.js';
import type { JsonSchema, ValueValidator } from '../schema/index.js';
import type { EventSourceRow } from '../wire/index.js';

/** An event that discovery knows: what it says and, when declared, what its args look like. */
export interface EventType {
  readonly description: string | null;
  readonly schema: JsonSchema | null;
  readonly validator: ValueValidator | null;
  /** Class name of the source that publishes it; null when somebody else does. */
  readonly source: string | null;
  /** Absent: all nodes are told. */
  readonly scope?: EventScope;
}

/** An event source as its plugin registered it. */
export interface EventSourceRegistration {
  readonly name: string;
  readonly description: string | null;
  /** How its loop does at this moment. */
  status(): EventSourceRow;
}
