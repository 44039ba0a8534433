import { h } from './builder/index.js';
import type { Data } from './data.js';

const HASHES = h.record(String);

/** A node of the cluster: a row of `cluster.get_nodes`. */
export const NODE_ROW = h.object({
  name: h.string(),
  state: h.enumOf(['joining', 'live', 'draining', 'lost']),
  leader: h.boolean({ description: 'It runs the tasks of all, their locks and schedules' }),
  scheduler: h.boolean({ description: 'It may be elected' }),
  version: h.string(),
  protocol: h.integer({ description: 'Of what nodes say to each other' }),
  started_at: h.datetime(),
  addresses: h.array(String),
  running: h.integer({ description: 'Tasks that run on it' }),
  services: HASHES,
  tasks: HASHES,
  plugins: HASHES,
});
export type NodeRow = Data<typeof NODE_ROW>;

/** A service of the cluster: a row of `cluster.get_services`. */
export const NODE_SERVICE = h.object({
  name: h.string(),
  schemas: h.array(h.object({ hash: h.string(), nodes: h.array(String) }), {
    description: 'One where all nodes that have the service say the same of its methods',
  }),
});
export type NodeServiceRow = Data<typeof NODE_SERVICE>;

/** Who leads: the answer of `cluster.get_leader`. */
export const LEADER = h.object({ node: h.string(), term: h.integer(), since: h.datetime() });
export type LeaderAnswer = Data<typeof LEADER>;

/** How the node that is asked stands to the others: the answer of `cluster.status`. */
export const CLUSTER_STATUS = h.object({
  cluster: h.string(),
  node: h.string(),
  leader: h.nullable(String),
  term: h.nullable(h.integer()),
  connected: h.boolean({ description: 'Whether NATS is reached' }),
  epoch: h.string({ description: 'Of the order of events: with another one no cursor holds' }),
  event_lag: h.integer({ description: 'Events that are in the stream and not here yet' }),
  buffer_bytes: h.integer({ description: 'Events that wait to be published' }),
});
export type ClusterStatus = Data<typeof CLUSTER_STATUS>;

const sentence = h.string({ description: 'A sentence for people' });
const node = h.object({ node: h.string(), description: sentence });

/** What a cluster publishes of itself. */
export const CLUSTER_EVENT_TYPES = {
  'cluster.node_joined': { description: 'A node serves with the others', schema: node },
  'cluster.node_left': { description: 'A node ended in good order', schema: node },
  'cluster.node_lost': {
    description: 'Nothing is heard of a node: query again what it may have changed',
    schema: node,
  },
  'cluster.events_lost': {
    description: 'Events did not reach all who had subscribed to them: query again',
    schema: h.object({
      node: h.string({ description: 'Which had no room for them, or was too slow' }),
      count: h.nullable(h.integer()),
      description: sentence,
    }),
  },
  'cluster.leader_changed': {
    description: 'Another node leads, or nobody does for now',
    schema: h.object({
      node: h.nullable(String),
      term: h.nullable(h.integer()),
      description: sentence,
    }),
  },
} as const;
