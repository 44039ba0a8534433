import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { localPorts } from '../cluster/local/index.js';
import type { ClusterPorts } from '../cluster/index.js';
import type { DispatcherConfiguration } from '../config/index.js';
import { SecretBox } from '../datastore/index.js';
import type { LogRoot } from '../logging/index.js';
import type { HostProcess } from '../system/index.js';
import type { StandbyPorts } from './standby.js';
import { version } from './version.js';

const BOOT_BYTES = 8;
const MS_PER_SECOND = 1_000;

export interface JoinOptions {
  readonly configuration: DispatcherConfiguration;
  readonly process: HostProcess;
  readonly log: LogRoot;
  readonly standby?: StandbyPorts;
}

/**
 * What the server has of other nodes; one that is alone has itself, and loads nothing for others.
 *
 * @throws (rejects with) Error with one line: what is wrong with the key, with NATS or with the node's name
 */
export async function joinCluster(options: JoinOptions): Promise<ClusterPorts> {
  const { configuration, process, log, standby } = options;
  const { cluster, limits, tokenLifetime } = configuration.dispatcher;
  const boot = randomBytes(BOOT_BYTES).toString('hex');
  const journal = { events: limits.eventJournalEvents, bytes: limits.eventJournalBytes };
  if (cluster === null) {
    return localPorts({ name: hostname(), boot, version: version() }, journal);
  }
  const sealer = SecretBox.openShared(cluster.key);
  const { openNatsPorts } = await import('../cluster/nats/index.js');
  return openNatsPorts(cluster, {
    ...{ boot, journal, sealer, version: version() },
    tokenLifetimeMs: tokenLifetime * MS_PER_SECOND,
    logger: log.create({ component: 'cluster' }),
    onTaken: (reason) => process.storeLost(reason),
    ...(standby !== undefined && { signal: standby.signal }),
  });
}
