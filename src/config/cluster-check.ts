import { isLoopbackAddress } from '../common/index.js';
import type { ClusterConfiguration, ClusterKeys, DatastoreKeys } from './configuration.js';
import type { Problem } from './configuration-error.js';
import { FORMATS } from './schema/index.js';

const NEEDS_MONGODB =
  'expected "mongodb", the store that the nodes of dispatcher.cluster share: ' +
  'write the present one down before ("dispatcherctl datastore dump FILE"), and put it there after ("dispatcherctl datastore restore FILE")';

/** What the section is read with. */
export interface ClusterSurroundings {
  readonly datastore: Pick<DatastoreKeys, 'driver'>;
  readonly standby: boolean;
  readonly hostName: string;
}

/** Keys of `dispatcher.cluster` that need or contradict each other, and what stands elsewhere. */
export function checkCluster(
  cluster: ClusterKeys,
  { datastore, standby, hostName }: ClusterSurroundings,
): readonly Problem[] {
  const problems: Problem[] = [];
  const refuse = (key: string, what: string): void => {
    problems.push({ where: `dispatcher.${key}`, what });
  };
  if (datastore.driver === 'sqlite') {
    problems.push({ where: 'datastore.driver', what: NEEDS_MONGODB });
  }
  if (standby) {
    refuse('standby', 'expected false, because of the nodes of dispatcher.cluster none stands by');
  }
  if (cluster.node === null && !FORMATS['node-name'].accepts(shortName(hostName))) {
    const what = `required, because the host name ${JSON.stringify(hostName)} cannot be one`;
    refuse('cluster.node', what);
  }
  if (cluster.key === null) {
    refuse('cluster.key', 'required: "dispatcherctl cluster init" makes one for all nodes');
  }
  for (const [key, what] of checkConnection(cluster)) refuse(`cluster.${key}`, what);
  if (cluster.nodeLostMs < 2 * cluster.leaseMs) {
    const least = 2 * cluster.leaseMs;
    const what = `expected at least twice dispatcher.cluster.lease-ms (${least}), got ${cluster.nodeLostMs}`;
    refuse('cluster.node-lost-ms', what);
  }
  return problems;
}

/** The section as the server goes by it, when {@link checkCluster} found nothing. */
export function clusterOf(cluster: ClusterKeys, hostName: string): ClusterConfiguration {
  const { node, key } = cluster;
  return { ...cluster, node: node ?? shortName(hostName), key: key ?? '' };
}

function* checkConnection(cluster: ClusterKeys): Generator<readonly [string, string]> {
  const { servers, tlsCa, tlsCertificate, tlsKeyfile } = cluster;
  if (servers.length === 0) {
    yield ['servers', 'required: where NATS listens, such as ["nats://10.0.0.1:4222"]'];
  }
  const plain = servers.find((server) => !server.startsWith('tls:'));
  const isMixed = plain !== undefined && servers.some((server) => server.startsWith('tls:'));
  if (isMixed) yield ['servers', 'expected nats:// or tls:// addresses, not both'];
  const given = Object.entries({ tlsCa, tlsCertificate, tlsKeyfile });
  if (plain !== undefined && !isMixed && given.some(([, file]) => file !== null)) {
    yield ['servers', 'expected tls:// addresses, because certificates are given'];
  }
  if (tlsCertificate === null && tlsKeyfile !== null) {
    yield ['tls-certificate', 'required, because dispatcher.cluster.tls-keyfile is given'];
  }
  if (tlsCertificate !== null && tlsKeyfile === null) {
    yield ['tls-keyfile', 'required, because dispatcher.cluster.tls-certificate is given'];
  }
  const far = servers.find((server) => !isLoopback(server));
  if (cluster.credentials === null && far !== undefined) {
    yield ['credentials', `required, because others reach ${far} too`];
  }
}

/** `nas1.example.org` → `nas1` */
function shortName(hostName: string): string {
  return (hostName.split('.')[0] ?? '').toLowerCase();
}

function isLoopback(server: string): boolean {
  const { hostname } = new URL(server.replace(/^\w+/, 'http'));
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || isLoopbackAddress(host);
}
