import {
  ClusterFigures,
  ClusterIdentity,
  Leadership,
  Membership,
  NodeDirectory,
  type NodeRecord,
} from '../../cluster/index.js';
import { accepts, description, h, provider, requireRoles, returns } from '../../sdk/index.js';
import {
  CLUSTER_STATUS,
  type ClusterStatus,
  LEADER,
  type LeaderAnswer,
  NODE_ROW,
  NODE_SERVICE,
  type NodeRow,
  type NodeServiceRow,
} from '../../wire/index.js';
import { NAME } from '../name.schema.js';

/** Offered by the nodes of a cluster only. */
@provider('cluster')
@description('The nodes that serve together, who leads them, and how to take one out')
export class ClusterService {
  constructor(
    private readonly identity: ClusterIdentity,
    private readonly directory: NodeDirectory,
    private readonly leadership: Leadership,
    private readonly membership: Membership,
    private readonly figures: ClusterFigures,
  ) {}

  @description('All nodes by name, those that are lost among them')
  @accepts()
  @returns(h.array(NODE_ROW))
  getNodes(): NodeRow[] {
    const leader = this.leadership.leader?.node;
    return this.directory.list().map((node) => rowOf(node, node.name === leader));
  }

  @description('All services by name, with the nodes that have them and the hash of what those say')
  @accepts()
  @returns(h.array(NODE_SERVICE))
  getServices(): NodeServiceRow[] {
    return servicesOf(this.directory.list());
  }

  @description('The node that leads, and since when; null while none does')
  @accepts()
  @returns(h.nullable(LEADER))
  getLeader(): LeaderAnswer | null {
    return this.leadership.leader;
  }

  @description('How the node that answers stands to the others')
  @accepts()
  @returns(CLUSTER_STATUS)
  @requireRoles('operator')
  status(): ClusterStatus {
    const { identity, directory, leadership, figures } = this;
    return {
      cluster: identity.cluster ?? '',
      node: directory.self.name,
      leader: leadership.leader?.node ?? null,
      term: leadership.leader?.term ?? null,
      connected: figures.isConnected,
      epoch: figures.epoch,
      event_lag: figures.eventLag,
      buffer_bytes: figures.bufferBytes,
    };
  }

  @description('The leader makes room for another node; answers with the node that leads then')
  @accepts()
  @returns(h.nullable(String))
  @requireRoles('admin')
  handOver(): Promise<string | null> {
    return this.membership.handOver();
  }

  @description(
    'A node takes no more calls and tasks of others and leads no longer, until it is started again',
  )
  @accepts(NAME)
  @returns(null)
  @requireRoles('admin')
  async drain(node: string): Promise<null> {
    await this.membership.drain(node);
    return null;
  }

  @description('A lost node that will not come back is listed no longer')
  @accepts(NAME)
  @returns(null)
  @requireRoles('admin')
  async forget(node: string): Promise<null> {
    await this.membership.forget(node);
    return null;
  }
}

function rowOf(node: NodeRecord, isLeader: boolean): NodeRow {
  return {
    name: node.name,
    state: node.state,
    leader: isLeader,
    scheduler: node.isScheduler,
    version: node.version,
    protocol: node.protocol,
    started_at: node.startedAt,
    addresses: [...node.addresses],
    running: node.running,
    services: { ...node.services },
    tasks: { ...node.tasks },
    plugins: { ...node.plugins },
  };
}

/** A lost node has none that could be called. */
function servicesOf(nodes: readonly NodeRecord[]): NodeServiceRow[] {
  const found = new Map<string, Map<string, string[]>>();
  for (const { name: node, state, services } of nodes) {
    if (state === 'lost') continue;
    for (const [name, hash] of Object.entries(services)) {
      const hashes = found.get(name) ?? new Map<string, string[]>();
      hashes.set(hash, [...(hashes.get(hash) ?? []), node]);
      found.set(name, hashes);
    }
  }
  return Array.from(found, ([name, hashes]) => ({
    name,
    schemas: Array.from(hashes, ([hash, having]) => ({ hash, nodes: having })),
  })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
