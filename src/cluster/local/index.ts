/** The ports of a server that is alone: every answer is at hand, and nothing is sent. */
import type { ClusterPorts } from '../cluster-ports.js';
import { ClusterIdentity } from '../cluster-identity.js';
import { LocalLeadership } from './local-leadership.js';
import { LocalNodeCalls } from './local-node-calls.js';
import { LocalNodeDirectory, type LocalNode } from './local-node-directory.js';

class Alone extends ClusterIdentity {
  readonly node = null;
  readonly cluster = null;
}

export function localPorts(node: LocalNode): ClusterPorts {
  return {
    identity: new Alone(),
    directory: new LocalNodeDirectory(node),
    leadership: new LocalLeadership(node.name),
    calls: new LocalNodeCalls(node.name),
    close: () => Promise.resolve(),
  };
}

export { LocalLeadership, LocalNodeCalls, LocalNodeDirectory, type LocalNode };
