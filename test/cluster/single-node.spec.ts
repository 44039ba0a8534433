import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ClusterGround, clusterObstacle } from '../support/cluster-ground.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const LOADER = fileURLToPath(new URL('support/imports-loader.mjs', import.meta.url));
const FLAGS = ['--import', LOADER];

let stop: () => Promise<unknown> = () => Promise.resolve();
afterEach(() => stop());

const imports = ({ log }: ServerProcess): readonly string[] =>
  log.filter((line) => line.startsWith('imports '));

describe('a server that is alone', () => {
  it('imports nothing of NATS, offers no service of a cluster and stores no row of one', async () => {
    const server = await ServerProcess.start({ nodeFlags: FLAGS });
    stop = () => server.stop();
    const client = await PlainClient.loggedIn(server.url);
    const services = await client.result<Record<string, unknown> | string[]>(
      'discovery.get_services',
    );
    expect(JSON.stringify(services)).not.toContain('cluster');
    const collections = await client.result('datastore.list_collections');
    expect(JSON.stringify(collections)).not.toMatch(/cluster|version|node/);
    await client.close();
    await server.stop();
    expect(imports(server)).toEqual([]);
  });

  it.skipIf(clusterObstacle !== null)(
    `is told apart by that: a node of a cluster does${clusterObstacle === null ? '' : ` (${clusterObstacle})`}`,
    async () => {
      const ground = await ClusterGround.prepare({ nodes: ['n1'] });
      stop = () => ground.stop();
      const server = await ServerProcess.start({
        ...(await ground.settingsOf('n1')),
        nodeFlags: FLAGS,
      });
      await server.stop();
      expect(imports(server)).not.toEqual([]);
    },
  );
});
