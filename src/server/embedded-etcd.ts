import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type DispatcherConfiguration, embeddedEtcdSection } from '../config/index.js';
import type { EmbeddedEtcd } from '../etcd/index.js';
import type { LogRoot } from '../logging/index.js';
import type { HostProcess } from '../system/index.js';

const STATE_FOLDER = 'etcd';

export interface EtcdPlaces {
  readonly configuration: DispatcherConfiguration;
  readonly process: HostProcess;
  readonly log: LogRoot;
  /** Opens a connection to this very server. */
  readonly connect: () => Duplex;
}

/**
 * Starts etcd in this process if the configuration wants it here; null otherwise, and nothing of it is loaded.
 *
 * @throws ConfigurationError; Error when its state cannot be had
 */
export async function startEmbeddedEtcd({
  configuration,
  process,
  log,
  connect,
}: EtcdPlaces): Promise<EmbeddedEtcd | null> {
  const section = embeddedEtcdSection(configuration);
  if (section === null) return null;
  const [{ EmbeddedEtcd }, { nodeSocket }] = await Promise.all([
    import('../etcd/index.js'),
    import('../client/node/index.js'),
  ]);
  return EmbeddedEtcd.start({
    section,
    uid: process.uid,
    stateDirectory: join(process.stateDirectory, STATE_FOLDER),
    logger: log.create({ component: 'etcd' }),
    webSocket: nodeSocket({ createConnection: connect }),
  });
}
