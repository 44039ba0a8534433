import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalNodeCalls } from '../../src/cluster/local/index.js';
import {
  NatsLink,
  NatsNodeCalls,
  type NatsNodeCallsOptions,
} from '../../src/cluster/nats/index.js';
import type { NodeCaller } from '../../src/cluster/index.js';
import { deferred, Errno, Password } from '../../src/common/index.js';
import { SecretBox } from '../../src/datastore/index.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { FakeNodeDirectory } from '../support/fake-node-directory.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';
import { describeNodeCalls } from './node-calls.conformance.js';

const CHANNEL = 'test';

describeNodeCalls('a node to itself', () => {
  const calls = new LocalNodeCalls('n1');
  const close = (): Promise<void> => Promise.resolve();
  return Promise.resolve({ caller: calls, callee: calls, calleeName: 'n1', close });
});

class Node {
  private constructor(
    readonly link: NatsLink,
    readonly directory: FakeNodeDirectory,
    readonly calls: NatsNodeCalls,
  ) {}

  static async start(
    server: NatsServer,
    name: string,
    { user, ...options }: NatsNodeCallsOptions & { user?: string } = {},
  ): Promise<Node> {
    const connection = await connect({
      servers: server.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 20,
      ...(user === undefined ? {} : { user, pass: user, inboxPrefix: `_INBOX_${user}` }),
    });
    const link = new NatsLink({
      connection,
      manager: await jetstreamManager(connection, { checkAPI: false }),
      cluster: 'test',
      node: name,
      boot: `boot${name}`,
      replicas: 1,
      logger: new RecordingLogger(),
    });
    const directory = new FakeNodeDirectory(name);
    for (const other of ['n1', 'n2', 'n3']) directory.put(other, { boot: `boot${other}` });
    return new Node(link, directory, new NatsNodeCalls(link, directory, options));
  }

  ask(body: unknown = null, signal = new AbortController().signal): Promise<unknown> {
    return this.calls.call('n2', { channel: CHANNEL, body }, signal);
  }

  async close(): Promise<void> {
    await this.calls.close();
    await this.link.close();
  }
}

describe.skipIf(natsObstacle !== null)('over NATS', () => {
  let server: NatsServer;
  const nodes: Node[] = [];

  beforeAll(async () => {
    server = await NatsServer.start();
  });

  afterAll(() => server.stop());

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.close()));
  });

  async function start(name: string, options: NatsNodeCallsOptions & { user?: string } = {}) {
    const node = await Node.start(server, name, options);
    nodes.push(node);
    return node;
  }

  describeNodeCalls('from one to another', async () => {
    const [caller, callee] = [await Node.start(server, 'n1'), await Node.start(server, 'n2')];
    return {
      caller: caller.calls,
      callee: callee.calls,
      calleeName: 'n2',
      close: async () => {
        expect(caller.calls.inFlight).toBe(0);
        await Promise.all([caller.close(), callee.close()]);
      },
    };
  });

  describeNodeCalls('of one to itself', async () => {
    const node = await Node.start(server, 'n1');
    const close = (): Promise<void> => node.close();
    return { caller: node.calls, callee: node.calls, calleeName: 'n1', close };
  });

  describe('between two nodes', () => {
    const SOON = { patienceMs: 300 };
    let n1: Node;
    let n2: Node;

    beforeEach(async () => {
      n1 = await start('n1', { ...SOON, maxInFlight: 3 });
      n2 = await start('n2', SOON);
    });

    /** The callee answers when it is told to; resolves with who asks as soon as it is asked. */
    function hold() {
      const asked = deferred<NodeCaller>();
      const release = deferred<unknown>();
      n2.calls.serve(CHANNEL, (_, caller) => {
        asked.resolve(caller);
        return release.promise;
      });
      return { asked: asked.promise, release: release.resolve };
    }

    it('counts the calls to each node', async () => {
      n2.calls.serve(CHANNEL, () => 1);
      await n1.ask();
      await n1.ask();
      expect([...n1.calls.sent]).toEqual([['n2', 2]]);
    });

    it('refuses more calls than may be in flight', async () => {
      const { asked, release } = hold();
      const some = [n1.ask(), n1.ask(), n1.ask()];
      await asked;
      await expect(n1.ask()).rejects.toMatchObject({ code: Errno.EBUSY });
      release('done');
      expect(await Promise.all(some)).toEqual(['done', 'done', 'done']);
      expect(await n1.ask()).toBe('done');
    });

    it.each(['left', 'lost'] as const)('fails at once when the callee has %s', async (how) => {
      const { asked } = hold();
      const call = n1.ask();
      await asked;
      n1.directory.remove('n2', how);
      await expect(call).rejects.toMatchObject({ code: Errno.ECONNABORTED });
      const code = how === 'left' ? Errno.ENOENT : Errno.ECONNABORTED;
      await expect(n1.ask()).rejects.toMatchObject({ code });
    });

    it('fails when the callee has begun anew', async () => {
      const { asked } = hold();
      const call = n1.ask();
      await asked;
      n1.directory.put('n2', { boot: 'another' });
      await expect(call).rejects.toMatchObject({ code: Errno.ECONNABORTED });
    });

    it('does nothing that an earlier start of it was asked for', async () => {
      const { asked } = hold();
      n1.directory.put('n2', { boot: 'before' });
      await expect(n1.ask()).rejects.toMatchObject({ code: Errno.ECONNABORTED });
      n1.directory.put('n2', { boot: 'bootn2' });
      void n1.ask().catch(() => undefined);
      await asked;
    });

    it('fails soon when the callee is there and does not hear, and it was not asked', async () => {
      await expect(
        n1.calls.call('n3', { channel: CHANNEL, body: null }, new AbortController().signal),
      ).rejects.toMatchObject({ code: Errno.ECONNABORTED });
    });

    it('asks a node that does not hear yet as soon as it does', async () => {
      const call = n1.calls.call(
        'n3',
        { channel: CHANNEL, body: null },
        new AbortController().signal,
      );
      const n3 = await start('n3');
      n3.calls.serve(CHANNEL, () => 'heard');
      expect(await call).toBe('heard');
    });

    it('stops what it does for a node that is gone', async () => {
      const { asked } = hold();
      const call = n1.ask().catch(() => undefined);
      const { signal } = await asked;
      n2.directory.remove('n1', 'lost');
      expect(signal.reason).toMatchObject({ code: Errno.ECONNABORTED });
      await n1.calls.close();
      await call;
    });

    it('answers those who wait that it leaves', async () => {
      const { asked } = hold();
      const call = n1.ask();
      const { signal } = await asked;
      const [refused] = await Promise.allSettled([call, n2.calls.close()]);
      expect(refused).toMatchObject({ reason: { code: Errno.ECONNABORTED } });
      expect(signal.aborted).toBe(true);
    });

    it('answers through a restart of NATS', async () => {
      const { asked, release } = hold();
      const call = n1.ask();
      await asked;
      await server.kill();
      release('done');
      await server.resume();
      expect(await call).toBe('done');
      expect(await n1.ask()).toBe('done');
    });

    it('goes on with a stream after a restart of NATS, or says that some of it is lost', async () => {
      n2.calls.serve(CHANNEL, async function* () {
        for (let i = 1; i <= 300; i += 1) {
          await Promise.resolve();
          yield i;
        }
      });
      const seen: number[] = [];
      const taken = (async () => {
        for await (const item of (await n1.ask()) as AsyncIterable<number>) {
          seen.push(item);
          if (item === 100) {
            await server.kill();
            await server.resume();
          }
        }
      })();
      const [outcome] = await Promise.allSettled([taken]);
      expect(seen).toEqual(Array.from(seen, (_, i) => i + 1));
      if (outcome.status === 'fulfilled') expect(seen.length).toBe(300);
      else expect(outcome.reason).toMatchObject({ code: Errno.EIO });
    });

    it('says soon that NATS is away, also of what waits', async () => {
      const { asked } = hold();
      const call = n1.ask();
      const { signal } = await asked;
      await server.kill();
      await expect(call).rejects.toMatchObject({ code: Errno.EIO });
      await expect(n1.ask()).rejects.toMatchObject({
        code: Errno.EIO,
        message: expect.stringContaining('NATS') as string,
      });
      await server.resume();
      await vi.waitFor(() => expect(signal.aborted).toBe(true)); // nobody waits for it any more
      n2.calls.serve(CHANNEL, () => 'again');
      await vi.waitFor(async () => expect(await n1.ask()).toBe('again'));
    });

    it('never does later what nobody waits for any more', async () => {
      let runs = 0;
      n2.calls.serve(CHANNEL, () => (runs += 1));
      await server.kill();
      await vi.waitFor(() => expect(n1.link.isConnected).toBe(false));
      await expect(n1.ask()).rejects.toMatchObject({ code: Errno.EIO });
      await server.resume();
      await vi.waitFor(async () => expect(await n1.ask()).toBe(1));
    });

    it('lets no password travel that it cannot seal', async () => {
      n2.calls.serve(CHANNEL, () => 1);
      await expect(n1.ask({ secret: new Password('s') })).rejects.toMatchObject({
        code: Errno.EIO,
      });
      expect(n1.calls.inFlight).toBe(0);
    });
  });

  it('seals what has a password in it', async () => {
    const sealer = SecretBox.ephemeral();
    const [n1, n2] = [await start('n1', { sealer }), await start('n2', { sealer })];
    const texts: string[] = [];
    n2.link.connection.subscribe('test.rpc.>', {
      callback: (_, message) => void texts.push(message.string()),
    });
    await n2.link.connection.flush();
    n2.calls.serve(CHANNEL, (body) => (body as { secret: Password }).secret.reveal().length);
    expect(await n1.ask({ secret: new Password('tr0ub4dor') })).toBe(9);
    await vi.waitFor(() => expect(texts.length).toBeGreaterThan(1)); // the call and its answer
    expect(texts.join()).not.toContain('tr0ub4dor');
  });

  it('says so when the callee has another key', async () => {
    const n1 = await start('n1', { sealer: SecretBox.ephemeral() });
    const n2 = await start('n2', { sealer: SecretBox.ephemeral() });
    n2.calls.serve(CHANNEL, () => 1);
    await expect(n1.ask({ secret: new Password('s') })).rejects.toMatchObject({
      code: Errno.EIO,
      message: expect.stringContaining('dispatcher.cluster.key') as string,
    });
  });
});

describe.skipIf(natsObstacle !== null)('nodes with keys of their own', () => {
  let server: NatsServer;

  beforeAll(async () => {
    const user = (name: string): string =>
      `{ user: ${name}, password: ${name}, permissions: {
        publish: ["test.rpc.*.${name}", "$JS.API.>"],
        subscribe: ["test.rpc.${name}.>", "_INBOX_${name}.>"] } }`;
    server = await NatsServer.start({
      configuration: `authorization { users: [${user('n1')}, ${user('n2')}, ${user('n3')}] }`,
    });
  });

  afterAll(() => server.stop());

  it('call each other', async () => {
    const n1 = await Node.start(server, 'n1', { user: 'n1' });
    const n2 = await Node.start(server, 'n2', { user: 'n2' });
    n2.calls.serve(CHANNEL, (_, { node }) => node);
    expect(await n1.ask()).toBe('n1');
    await Promise.all([n1.close(), n2.close()]);
  });

  it('hear that nobody hears', async () => {
    const n1 = await Node.start(server, 'n1', { user: 'n1', patienceMs: 200 });
    await expect(n1.ask()).rejects.toMatchObject({ code: Errno.ECONNABORTED });
    await n1.close();
  });

  it('cannot ask or answer in the name of another', async () => {
    const n2 = await Node.start(server, 'n2', { user: 'n2' });
    const asked = vi.fn(() => 1);
    n2.calls.serve(CHANNEL, asked);
    const forger = await Node.start(server, 'n1', { user: 'n3', patienceMs: 200 });
    const refusals: string[] = [];
    void (async () => {
      for await (const status of forger.link.connection.status())
        if (status.type === 'error') refusals.push(status.error.message);
    })();
    await expect(
      forger.calls.call(
        'n2',
        { channel: CHANNEL, body: null, timeoutMs: 500 },
        new AbortController().signal,
      ),
    ).rejects.toMatchObject({ code: Errno.ETIMEDOUT });
    expect(asked).not.toHaveBeenCalled();
    expect(refusals.join()).toMatch(/permissions violation for publish/i);
    await Promise.all([n2.close(), forger.close()]);
  });
});
