import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { localPorts } from '../cluster/local/index.js';
import type { ClusterPorts } from '../cluster/index.js';
import type { DispatcherConfiguration } from '../config/index.js';
import { version } from './version.js';

const BOOT_BYTES = 8;

/** What the server has of other nodes; one that is alone has itself, and loads nothing for others. */
// eslint-disable-next-line @typescript-eslint/require-await -- a server of several joins them over the network
export async function joinCluster({
  dispatcher: { limits },
}: DispatcherConfiguration): Promise<ClusterPorts> {
  const boot = randomBytes(BOOT_BYTES).toString('hex');
  return localPorts(
    { name: hostname(), boot, version: version() },
    { events: limits.eventJournalEvents, bytes: limits.eventJournalBytes },
  );
}
