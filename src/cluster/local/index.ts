/** The ports of a server that is alone: every answer is at hand, and nothing is sent. */
import { ClusterFigures, type ClusterPorts } from '../cluster-ports.js';
import { ClusterIdentity } from '../cluster-identity.js';
import type { JournalLimits } from '../event-fanout.js';
import { LocalEventFanout } from './local-event-fanout.js';
import { LocalFailureFeed } from './local-failure-feed.js';
import { LocalLeadership } from './local-leadership.js';
import { LocalNodeCalls } from './local-node-calls.js';
import { LocalNodeDirectory, type LocalNode } from './local-node-directory.js';
import { LocalRowFeed } from './local-row-feed.js';
import { LocalSessionIds } from './local-session-ids.js';
import { LocalSharedTokens } from './local-shared-tokens.js';

class Alone extends ClusterIdentity {
  readonly node = null;
  readonly cluster = null;
}

/** Nobody asks: a server that is alone offers no service `cluster`. */
class NoFigures extends ClusterFigures {
  readonly isConnected = true;
  readonly epoch = '';
  readonly epochs = 0;
  readonly eventLag = 0;
  readonly bufferBytes = 0;
  readonly groups = 0;
  readonly leaseAgeMs = null;
  readonly fenced = 0;
  readonly calls = new Map<string, number>();
}

export function localPorts(node: LocalNode, journal: JournalLimits): ClusterPorts {
  return {
    identity: new Alone(),
    directory: new LocalNodeDirectory(node),
    leadership: new LocalLeadership(node.name),
    calls: new LocalNodeCalls(node.name),
    rows: new LocalRowFeed(),
    tokens: new LocalSharedTokens(),
    failures: new LocalFailureFeed(),
    sessionIds: new LocalSessionIds(),
    figures: new NoFigures(),
    events: new LocalEventFanout(node.boot, journal),
    close: () => Promise.resolve(),
  };
}

export {
  LocalEventFanout,
  LocalLeadership,
  LocalNodeCalls,
  LocalNodeDirectory,
  LocalSessionIds,
  type LocalNode,
};
