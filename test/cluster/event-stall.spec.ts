import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startNatsCluster } from '../support/nats-cluster.js';
import { linkTo } from '../support/nats-nodes.js';
import { natsObstacle, type NatsServer } from '../support/nats-server.js';
import { Node } from './fanout-node.js';

/** Three heartbeats until a reader notices, and what the other servers take to agree on who leads. */
const SOON_MS = 10_000;

describe.skipIf(natsObstacle !== null)('over three NATS servers', () => {
  let servers: readonly NatsServer[];

  beforeAll(async () => {
    servers = await startNatsCluster(3);
    // they take a moment until they agree on who leads
    await vi.waitFor(async () => (await linkTo(urlOf(servers[0]), { node: 'n0' })).close(), {
      timeout: 30_000,
    });
  }, 40_000);

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('goes on soon after the server with its consumer was killed', async () => {
    const url = urlOf(servers[0]);
    const publisher = await Node.join(await linkTo(url, { node: 'n1', replicas: 3 }));
    const nodes = [publisher];
    try {
      let away: string | undefined;
      for (let i = 2; away === undefined; i += 1) {
        const node = await Node.join(await linkTo(url, { node: `n${i}`, replicas: 3 }));
        nodes.push(node);
        away = await elsewhere(node);
      }
      const reader = nodes.at(-1) ?? publisher;
      publisher.publish('before');
      await reader.has(1);
      await servers[Number(away.slice(1)) - 1]?.kill();
      publisher.publish('after');
      await reader.has(2, SOON_MS);
      expect(reader.names).toEqual(['before', 'after']);
    } finally {
      await Promise.all(nodes.map((node) => node.leave()));
    }
  }, 30_000);
});

const urlOf = (server: NatsServer | undefined): string => server?.url ?? '';

/** The server that has the latest consumer, if the node is not connected to it. */
async function elsewhere({ link }: Node): Promise<string | undefined> {
  const consumers = await link.manager.consumers.list(link.named('events')).next();
  const latest = consumers.toSorted((a, b) => a.created.localeCompare(b.created)).at(-1);
  const holder = latest?.cluster?.leader;
  return holder === link.connection.info?.server_name ? undefined : holder;
}
