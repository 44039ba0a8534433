/**
 * What the rooms of a server need of each other's counterparts on other nodes: ports, each with an
 * implementation for one node in `local/` and one over NATS in `nats/`. Only the composition root
 * names an implementation; a server that is alone loads nothing of NATS.
 */
export { FailureFeed, type FailureNews } from './failure-feed.js';
export { CLUSTER_PORTS, ClusterFigures, type ClusterPorts } from './cluster-ports.js';
export { ClusterIdentity } from './cluster-identity.js';
export { Membership } from './membership.js';
export {
  type Audience,
  EventFanout,
  type EventScope,
  type JournalReplay,
  type LostEvents,
  type PublishedEvent,
  READERS,
  SERVICES,
  type UnplacedEvent,
  type Wanting,
} from './event-fanout.js';
export { type Leader, Leadership, type TermGuard } from './leadership.js';
export { type NodeCaller, NodeCalls, type NodeHandler, type NodeRequest } from './node-calls.js';
export {
  type Announced,
  NodeDirectory,
  type NodeRecord,
  type NodeState,
} from './node-directory.js';
export { RowFeed, type RowNews } from './row-feed.js';
export { SessionIds } from './session-ids.js';
export { type SharedToken, SharedTokens } from './shared-tokens.js';
export type { Unsubscribe } from './unsubscribe.js';
export { leaderBy, leaderMayHaveChanged } from './waiting-for-leader.js';
