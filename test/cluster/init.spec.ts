import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type NatsLink,
  NatsNodeCalls,
  NatsNodeDirectory,
  openNatsLink,
} from '../../src/cluster/nats/index.js';
import { loadConfiguration } from '../../src/config/index.js';
import { SecretBox } from '../../src/datastore/index.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { runCli } from '../cli/support/run-cli.js';
import { moveToFreePorts } from '../support/free-port.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';

const root = mkdtempSync(join(tmpdir(), 'dispatcher-init-'));
afterAll(() => rmSync(root, { recursive: true }));

const init = (...words: readonly string[]) => runCli(['cluster', 'init', ...words]);

function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
  );
}

function clusterOf(folder: string) {
  const command = { kind: 'check', file: join(folder, 'middleware.conf'), overrides: {} } as const;
  const environment = { env: {}, uid: 0, home: '/root', hostName: 'other' };
  const { datastore, dispatcher } = loadConfiguration(command, environment);
  if (dispatcher.cluster === null) throw new Error('It is alone');
  return { datastore, dispatcher, cluster: dispatcher.cluster };
}

describe('dispatcherctl cluster init', () => {
  it('gives each machine its own files, which nobody else may read', async () => {
    const folder = join(root, 'three');
    const addresses = 'n1=10.0.0.1,n2=10.0.0.2,n3=nas3.example.org';
    const { status, stdout, stderr } = await init(
      ...['--nodes', 'n1,n2,n3', '--address', addresses, '--name', 'nas'],
      ...['--dsn', 'mongodb://db1,db2/nas?replicaSet=rs0', '--at', '/etc/nas', folder],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(
      [
        '',
        'n3, at nas3.example.org:',
        `  copy ${folder}/n3 there, as /etc/nas`,
        '  nats-server -c /etc/nas/nats.conf',
        '  dispatcher -c /etc/nas/middleware.conf',
        '',
      ].join('\n'),
    );
    const ofNode = (name: string) => ({
      [`${name}/ca.pem`]: '644',
      [`${name}/cluster.key`]: '600',
      [`${name}/middleware.conf`]: '600',
      [`${name}/nats.conf`]: '600',
      [`${name}/nats.key`]: '600',
      [`${name}/nats.pem`]: '644',
      [`${name}/node.nk`]: '600',
    });
    expect(filesIn(folder)).toEqual({
      'authority/ca.key': '600',
      'authority/ca.pem': '644',
      ...ofNode('n1'),
      ...ofNode('n2'),
      ...ofNode('n3'),
    });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const { datastore, cluster } = clusterOf(join(folder, 'n2'));
    expect(datastore.dsn).toBe('mongodb://db1,db2/nas?replicaSet=rs0');
    expect(cluster).toMatchObject({
      name: 'nas',
      node: 'n2',
      servers: ['tls://10.0.0.1:4222', 'tls://10.0.0.2:4222', 'tls://nas3.example.org:4222'],
      credentials: join(folder, 'n2/node.nk'),
      tlsCa: join(folder, 'n2/ca.pem'),
    });
    const keys = ['n1', 'n2', 'n3'].map((name) => readFileSync(join(folder, name, 'cluster.key')));
    expect(new Set(keys.map(String)).size).toBe(1);
    expect(SecretBox.openShared(cluster.key)).toBeInstanceOf(SecretBox);
  });

  it('puts nodes of one machine at ports of their own, and says what that is not good for', async () => {
    const folder = join(root, 'one-machine');
    const { status, stdout, stderr } = await init('--nodes', 'a,b', folder);
    expect(status).toBe(0);
    expect(stderr).toContain('NATS runs beside a alone');
    expect(stderr).toContain('Nodes share a machine');
    expect(stdout).toContain(`STATE_DIRECTORY=${folder}/b/state dispatcher -c `);
    expect(clusterOf(join(folder, 'a')).dispatcher).toMatchObject({ websocketPort: 5000 });
    const { dispatcher, cluster } = clusterOf(join(folder, 'b'));
    expect(dispatcher).toMatchObject({ websocketPort: 5001, frontendPort: 8181 });
    expect(cluster).toMatchObject({ servers: ['nats://127.0.0.1:4222'], tlsCa: null });
    expect(filesIn(join(folder, 'b'))).toEqual({
      'cluster.key': '600',
      'middleware.conf': '600',
      'node.nk': '600',
    });
  });

  it('goes on with the key of a server that was alone', async () => {
    const file = join(root, 'task-secrets.key');
    const sealed = SecretBox.open(file).digest('x');
    const folder = join(root, 'moved');
    expect(await init('--nodes', 'a,b,c', '--key', file, folder)).toMatchObject({ status: 0 });
    expect(SecretBox.openShared(join(folder, 'c/cluster.key')).digest('x')).toBe(sealed);
  });

  it.each([
    [['--nodes', 'n1,n1'], 2, '--nodes: n1 is there twice'],
    [['--nodes', 'n1,N2'], 2, 'expected a name of at most 32 characters'],
    [['--nodes', 'n1,'], 2, 'got ""'],
    [[], 2, '--nodes is missing'],
    [['--nodes', 'n1,n2', '--address', 'n3=10.0.0.1'], 2, 'of one of the nodes, got "n3=10.0.0.1"'],
    [['--nodes', 'n1,n2', '--address', 'n1=10.0.0.1'], 2, 'there is none of n2'],
    [['--nodes', 'n1', '--address', 'n1=10.0.0.1:4222'], 2, 'without a port, got "10.0.0.1:4222"'],
    [['--nodes', 'n1', '--name', 'a.b'], 2, '--name: expected'],
    [['--nodes', 'n1', '--dsn', 'mongodb://me:secret@db/x'], 2, 'would read its password'],
    [['--nodes', 'n1', '--dsn', '/var/lib/x.db'], 2, '--dsn: an address such as'],
    [['--nodes', 'n1,n2', '--at', '/etc/nas'], 2, '--at: one folder is for one node'],
    [['--nodes', 'n1', '--key', '/nowhere'], 1, 'ENOENT'],
  ])('%j is refused, and nothing is written', async (words, expected, message) => {
    const folder = join(root, 'refused');
    const { status, stdout, stderr } = await init(...words, folder);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('secret@');
    expect(readdirSync(root).filter((name) => name.startsWith('refused'))).toEqual([]);
  });

  it('leaves a folder alone that is there', async () => {
    const folder = mkdtempSync(join(root, 'there-'));
    const { status, stderr } = await init('--nodes', 'a,b,c', folder);
    expect(status).toBe(1);
    expect(stderr).toContain(`${folder} is there already: nothing was written`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe.skipIf(natsObstacle !== null)('what it writes for three machines', () => {
  const folder = join(root, 'real');
  const names = ['n1', 'n2', 'n3'];
  const servers: NatsServer[] = [];
  const links = new Map<string, NatsLink>();
  const refused = new Map<string, string[]>();

  beforeAll(async () => {
    expect(await init('--nodes', names.join(), '--name', 'nas', '--tls', folder)).toMatchObject({
      status: 0,
    });
    await moveToFreePorts(
      names.flatMap((name) =>
        ['nats.conf', 'middleware.conf'].map((file) => join(folder, name, file)),
      ),
    );
    const started = names.map((name) => NatsServer.startFrom(join(folder, name, 'nats.conf')));
    servers.push(...(await Promise.all(started)));
    for (const name of names) {
      const { cluster } = clusterOf(join(folder, name));
      const logger = new RecordingLogger();
      const link = await openNatsLink(cluster, { boot: `${name}boot`, logger });
      links.set(name, link);
      const told: string[] = [];
      refused.set(name, told);
      void follow(link.connection.status(), told);
    }
  }, 90_000);

  afterAll(async () => {
    for (const link of links.values()) await link.close();
    for (const server of servers) await server.stop();
  });

  const link = (name: string): NatsLink => links.get(name)!;

  it('lets three servers form one cluster that keeps three copies', async () => {
    expect(names.map((name) => link(name).replicas)).toEqual([3, 3, 3]);
    expect(link('n1').connection.info?.tls_required).toBe(true);
    const { kv } = link('n1');
    const bucket = await kv.create(link('n1').named('things'), { replicas: 3, history: 1 });
    await bucket.create('a', 'x');
    const elsewhere = await link('n3').kv.open(link('n3').named('things'));
    expect((await elsewhere.get('a'))?.string()).toBe('x');
    const watch = await elsewhere.watch({ key: 'b' });
    await bucket.put('b', 'y');
    for await (const entry of watch) {
      expect(entry.string()).toBe('y');
      break;
    }
  }, 60_000);

  it('lets nodes publish events of their own and read all', async () => {
    const { manager, jetstream } = link('n1');
    const stream = link('n1').named('things_events');
    await manager.streams.add({ name: stream, subjects: ['nas.ev.*'], num_replicas: 3 });
    await jetstream.publish('nas.ev.n1', 'from n1');
    await link('n2').jetstream.publish('nas.ev.n2', 'from n2');
    const consumer = await link('n3').jetstream.consumers.get(stream);
    const told: string[] = [];
    for await (const message of await consumer.consume({ expires: 3_000 })) {
      told.push(message.string());
      if (told.length === 2) break;
    }
    expect(told).toEqual(['from n1', 'from n2']);
  }, 60_000);

  it('lets nodes find and call each other', async () => {
    const opened: (() => Promise<unknown>)[] = [];
    const nodes = await Promise.all(
      names.slice(0, 2).map(async (name) => {
        const directory = await NatsNodeDirectory.join(link(name), {
          leaseMs: 15_000,
          version: '1.0.0',
          isScheduler: true,
          onTaken: () => undefined,
        });
        const calls = new NatsNodeCalls(link(name), directory);
        opened.push(
          () => calls.close(),
          () => directory.close(),
        );
        await directory.announce({ state: 'live' });
        return { directory, calls };
      }),
    );
    const [first, second] = nodes;
    await vi.waitFor(() => expect(first?.directory.list()).toHaveLength(2), 10_000);
    second?.calls.serve('echo', (body, caller) => `${String(body)} to ${caller.node}`);
    const request = { channel: 'echo', body: 'hello' };
    const { signal } = new AbortController();
    await expect(first?.calls.call('n2', request, signal)).resolves.toBe('hello to n1');
    for (const close of opened) await close();
    expect([...refused.values()].flat()).toEqual([]);
  }, 60_000);

  it.each([
    'nas.ev.n2',
    'nas.ev.n2.interest',
    'nas.rpc.n3.n2',
    'nas.rpc.n2.n2.5',
    'nas.inbox.n2.abc',
    'nas.other',
    'other.ev.n1',
    '$SYS.REQ.SERVER.PING',
  ])('does not let n1 publish at %s', async (subject) => {
    const before = refused.get('n1')?.length ?? 0;
    link('n1').connection.publish(subject, 'forged');
    await vi.waitFor(() => expect(refused.get('n1')).toHaveLength(before + 1), 5_000);
    expect(refused.get('n1')?.at(-1)).toBe(`Permissions Violation for Publish to "${subject}"`);
    expect(link('n1').isConnected).toBe(true);
  });

  it.each(['nas.inbox.n2.>', 'nas.rpc.n2.>', 'nas.rpc.>', '$SYS.>', '>'])(
    'does not let n1 read %s',
    async (subject) => {
      const error = await new Promise((resolve) => {
        link('n1').connection.subscribe(subject, { callback: resolve });
      });
      expect(error).toMatchObject({
        message: expect.stringContaining(`Subscription to "${subject}"`) as string,
      });
    },
  );

  it('lets no node of another cluster in', async () => {
    const stranger = join(root, 'strangers');
    await init('--nodes', 'n1,n2,n3', '--name', 'nas', '--tls', stranger);
    const { cluster } = clusterOf(join(folder, 'n1'));
    const given = { ...cluster, credentials: join(stranger, 'n1/node.nk') };
    const opened = openNatsLink(given, { boot: 'b', logger: new RecordingLogger(), patienceMs: 0 });
    await expect(opened).rejects.toThrow('it refuses the key of this node');
    const other = { ...cluster, tlsCa: join(stranger, 'n1/ca.pem') };
    const unsure = openNatsLink(other, { boot: 'b', logger: new RecordingLogger(), patienceMs: 0 });
    await expect(unsure).rejects.toThrow('its certificate is not trusted');
  }, 30_000);
});

async function follow(statuses: AsyncIterable<Status>, told: string[]): Promise<void> {
  for await (const status of statuses) if (status.type === 'error') told.push(status.error.message);
}
