import type { ClusterIdentity } from './cluster-identity.js';
import type { Leadership } from './leadership.js';
import type { NodeCalls } from './node-calls.js';
import type { NodeDirectory } from './node-directory.js';

/** Injection token of {@link ClusterPorts}. */
export const CLUSTER_PORTS = Symbol('ports of the cluster');

/** One implementation of each port, made before any part of the server is. */
export interface ClusterPorts {
  readonly identity: ClusterIdentity;
  readonly directory: NodeDirectory;
  readonly leadership: Leadership;
  readonly calls: NodeCalls;
  /** Leaves the cluster; resolves when nothing is left running. */
  close(): Promise<void>;
}
