/** The ports over NATS: only the composition root loads them, and only for a node of several. */
export { openNatsLink } from './connect.js';
export { NatsLink } from './nats-link.js';
export { NatsNodeCalls, type NatsNodeCallsOptions } from './nats-node-calls.js';
export { NatsFailureFeed } from './nats-failure-feed.js';
export { NatsRowFeed } from './nats-row-feed.js';
export { NatsSharedTokens } from './nats-shared-tokens.js';
export { NatsLeadership } from './nats-leadership.js';
export { NatsNodeDirectory, type NatsNodeDirectoryOptions } from './nats-node-directory.js';
export { NatsEventFanout, type NatsEventOptions } from './nats-event-fanout.js';
export { openNatsPorts } from './nats-ports.js';
