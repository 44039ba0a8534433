import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionLog } from '../../src/auth/index.js';
import type { Connection, DispatcherGateway } from '../../src/gateway/index.js';
import { SessionPost } from '../../src/services/session-post.js';
import type { DispatcherEvent } from '../../src/sdk/index.js';
import { NodeNetwork } from '../support/node-network.js';

const MESSAGE: DispatcherEvent = { name: 'session.message', args: { message: 'Hello' } };

/** A node with these sessions, all of them of users. */
class Sessions {
  readonly received: [session: number, event: DispatcherEvent][] = [];
  readonly post: SessionPost;

  constructor(network: NodeNetwork, name: string, ids: readonly number[]) {
    const { directory, calls } = network.add(name);
    const connections = new Map(
      ids.map((sessionId) => [
        sessionId,
        { isLoggedIn: true, sender: { kind: 'user', sessionId } } as unknown as Connection,
      ]),
    );
    const gateway = {
      connections: new Set(connections.values()),
      connectionOf: (id: number) => connections.get(id),
      sendEvent: (to: readonly Connection[], event: DispatcherEvent) => {
        for (const { sender } of to) this.received.push([sender.sessionId ?? 0, event]);
      },
    } as unknown as DispatcherGateway;
    const log = { get: (id: number) => ({ id, node: name }) } as unknown as SessionLog;
    this.post = new SessionPost(gateway, log, directory, calls);
  }
}

let network: NodeNetwork;
let n1: Sessions;
let n2: Sessions;

beforeEach(() => {
  network = new NodeNetwork();
  n1 = new Sessions(network, 'n1', [1, 2]);
  n2 = new Sessions(network, 'n2', [1_001]);
});

describe('sessions of several nodes', () => {
  it('get a message wherever they are', async () => {
    expect(await n1.post.send(1, MESSAGE)).toBe(true);
    expect(await n1.post.send(1_001, MESSAGE)).toBe(true);
    expect(await n1.post.send(5, MESSAGE)).toBe(false);
    expect([n1.received, n2.received]).toEqual([[[1, MESSAGE]], [[1_001, MESSAGE]]]);
  });

  it('get what is for all', async () => {
    await n2.post.tell(MESSAGE);
    expect(n1.received.map(([id]) => id)).toEqual([1, 2]);
    expect(n2.received.map(([id]) => id)).toEqual([1_001]);
  });

  it('are listed together, but for those of a node that is gone', async () => {
    const ids = async () => (await n1.post.live()).map(({ id }) => id);
    expect(await ids()).toEqual([1, 2, 1_001]);
    network.lose('n2');
    expect(await ids()).toEqual([1, 2]);
  });

  it('need no promise on a server that is alone', () => {
    network.lose('n2');
    expect([n1.post.send(1, MESSAGE), n1.post.send(5, MESSAGE)]).toEqual([true, false]);
    expect(n1.post.tell(MESSAGE)).toBeUndefined();
  });
});
