import type { Claims } from './claims.js';
import type { ConfigStore, Datastore } from './datastore.js';
import type { Logger } from './logger.js';

/** What the server gives an instance of each class of a plugin; those of a `Provider`. */
export interface ServerMembers {
  readonly datastore: Datastore;
  readonly configstore: ConfigStore;
  readonly logger: Logger;
}

/** What makes a class an `EventSource`. */
export interface EventSourceMembers extends ServerMembers {
  run(signal: AbortSignal): Promise<void>;
}

/** What makes a class a `Task`. */
export interface TaskMembers extends ServerMembers {
  verify(...args: never[]): Claims | Promise<Claims>;
  run(...args: never[]): unknown;
}
