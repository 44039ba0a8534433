import type { ClusterIdentity } from './cluster-identity.js';
import type { EventFanout } from './event-fanout.js';
import type { FailureFeed } from './failure-feed.js';
import type { Leadership } from './leadership.js';
import type { NodeCalls } from './node-calls.js';
import type { NodeDirectory } from './node-directory.js';
import type { RowFeed } from './row-feed.js';
import type { SessionIds } from './session-ids.js';
import type { SharedTokens } from './shared-tokens.js';

/** Injection token of {@link ClusterPorts}. */
export const CLUSTER_PORTS = Symbol('ports of the cluster');

/** How a node does, for its metrics and for `cluster.status`. */
export abstract class ClusterFigures {
  /** Whether NATS is reached. */
  abstract readonly isConnected: boolean;
  /** Of the order of events. */
  abstract readonly epoch: string;
  /** How often the epoch changed since the start. */
  abstract readonly epochs: number;
  /** Events that are in the stream and not here yet. */
  abstract readonly eventLag: number;
  /** Bytes of events that wait to be published. */
  abstract readonly bufferBytes: number;
  /** Groups of events that were published. */
  abstract readonly groups: number;
  /** Milliseconds since the lease of leadership was last renewed; null when this node does not lead. */
  abstract readonly leaseAgeMs: number | null;
  /** Batches that were refused because their term was over. */
  abstract readonly fenced: number;
  /** Calls sent to each node. */
  abstract readonly calls: ReadonlyMap<string, number>;
}

/** One implementation of each port, made before any part of the server is. */
export interface ClusterPorts {
  readonly identity: ClusterIdentity;
  readonly directory: NodeDirectory;
  readonly leadership: Leadership;
  readonly calls: NodeCalls;
  readonly rows: RowFeed;
  readonly tokens: SharedTokens;
  readonly failures: FailureFeed;
  readonly sessionIds: SessionIds;
  readonly figures: ClusterFigures;
  readonly events: EventFanout;
  /** Leaves the cluster; resolves when nothing is left running. */
  close(): Promise<void>;
}
