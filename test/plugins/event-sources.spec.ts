import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import type { PlainClient } from '../support/plain-client.js';

// The shipped sources in a server of their own, while the real thing happens to the machine.

const run = promisify(execFile);
/** Whether a command can do its work here; undone at once. */
const succeeds = (command: string, undo: string): Promise<boolean> =>
  run('sh', ['-c', `${command} && ${undo}`]).then(
    () => true,
    () => false,
  );

const canLink = await succeeds(
  'ip link add dspprobe type veth peer name dspprobe2',
  'ip link del dspprobe',
);
const probe = await mkdtemp(join(tmpdir(), 'mount-'));
const canMount = await succeeds(`mount -t tmpfs probe ${probe}`, `umount ${probe}`);
const canLog = await succeeds(
  'test -r /dev/kmsg && echo "<7>dispatcher probe" > /dev/kmsg',
  'true',
);
await rm(probe, { recursive: true });

let server: PluginServer;
let folder: string;

beforeAll(async () => {
  server = await PluginServer.start({});
  folder = await mkdtemp(join(tmpdir(), 'files-'));
});
afterEach(() => server.closeClients());
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

type Args = Readonly<Record<string, unknown>>;

/** What a client got of an event, in order. */
const eventsOf = (client: PlainClient): Args[] =>
  client.received
    .filter(({ name }) => name === 'event')
    .map(({ args }) => (args as { args: Args }).args);

async function subscriber(event: string): Promise<PlainClient> {
  const client = await server.admin();
  client.send('events', 'subscribe', null, [event]);
  await client.settled();
  return client;
}

/**
 * Makes something happen until it is seen: what happens before a source has taken its first reading
 * is no news to it, and nothing tells when it has. Returns what was seen.
 */
async function provoke(
  client: PlainClient,
  act: (round: number) => Promise<unknown>,
  expected: Args,
): Promise<Args> {
  const matches = (args: Args): boolean =>
    Object.entries(expected).every(([key, value]) => args[key] === value);
  for (let round = 0; round < 10; round += 1) {
    await act(round);
    const until = Date.now() + 2_500;
    while (Date.now() < until) {
      const found = eventsOf(client).find(matches);
      if (found !== undefined) return found;
      await Promise.race([client.find(({ args }) => matches(argsOf(args))), pause(250)]);
    }
  }
  throw new Error(`Never seen: ${JSON.stringify(expected)} in ${JSON.stringify(eventsOf(client))}`);
}

const argsOf = (args: unknown): Args => (args as { args?: Args } | null)?.args ?? {};
const never = () => Promise.resolve();

describe('the shipped event sources', () => {
  const NAMES = [
    'file.changed',
    'network.address.changed',
    'network.link.changed',
    'storage.mount.changed',
    'system.load.tick',
    'system.log.message',
  ];

  it('are described, each with a schema', async () => {
    const client = await server.admin();
    const types = await client.result<Record<string, { description: string; schema: unknown }>>(
      'discovery.get_event_types',
    );
    for (const name of NAMES) expect(types[name]?.description).toMatch(/\w/);
    expect(Object.keys(types)).toEqual(expect.arrayContaining(NAMES));
  });

  it('are there, and start no process, while nobody is subscribed', async () => {
    const client = await server.admin();
    expect(await client.result('management.get_event_sources')).toEqual(
      expect.arrayContaining(NAMES),
    );
    expect(await childrenOf(server.process.pid)).not.toContain('ip');
  });

  it.skipIf(!canLink)('let go of their processes when the last subscriber goes', async () => {
    const client = await subscriber('network.link.changed');
    await until(async () => (await childrenOf(server.process.pid)).includes('ip'));
    await client.close();
    await until(async () => !(await childrenOf(server.process.pid)).includes('ip'));
  });

  it('end with their plugin, subscribed or not, and begin again', async () => {
    const client = await subscriber('system.load.tick');
    await client.result('settings.set', { 'system.load.interval': 1 });
    await client.result('management.reload_plugins', ['system', 'network', 'storage', 'files']);
    await provoke(client, never, { interval_seconds: 1 });
  });
});

async function childrenOf(pid: number): Promise<string[]> {
  const { stdout } = await run('ps', ['--ppid', String(pid), '-o', 'comm=']).catch(() => ({
    stdout: '',
  }));
  return stdout.split('\n').map((name) => name.trim());
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(50);
}

describe('system.load.tick', () => {
  it('tells of load, processors and memory, as often as configured', async () => {
    const client = await subscriber('system.load.tick');
    await client.result('settings.set', { 'system.load.interval': 1 });
    const tick = await provoke(client, never, { interval_seconds: 1 });
    expect(tick).toMatchObject({
      averages: { one_minute: expect.any(Number) as number },
      memory: { total_bytes: expect.any(Number) as number },
    });
    expect((tick['cpus'] as unknown[]).length).toBeGreaterThan(0);
  });
});

describe.skipIf(!canLink)('network links (needs the right to make interfaces)', () => {
  const veth = (change: string) => run('sh', ['-c', `ip link ${change}`]);
  const remove = () => veth('del dsptest0 2>/dev/null || true');
  const add = async () => {
    await remove();
    await veth('add dsptest0 type veth peer name dsptest1');
  };

  it('are told of when they come, go up, change and go', async () => {
    onTestFinished(async () => {
      await remove();
    });
    const client = await subscriber('network.link.changed');
    const link = (change: string) => ({ interface: 'dsptest0', change });
    expect(await provoke(client, add, link('added'))).toMatchObject({ is_enabled: false });
    const up = () => veth('set dsptest1 up; ip link set dsptest0 up');
    expect(await provoke(client, up, link('up'))).toMatchObject({ is_enabled: true, state: 'up' });
    expect(
      await provoke(client, () => veth('set dsptest0 mtu 1400'), link('changed')),
    ).toMatchObject({ mtu_bytes: 1400 });
    await provoke(client, () => veth('set dsptest0 down'), link('down'));
    await provoke(client, remove, link('removed'));
  });

  it('tell of addresses that come and go', async () => {
    onTestFinished(async () => {
      await remove();
    });
    await add();
    await veth('set dsptest1 up; ip link set dsptest0 up');
    const client = await subscriber('network.address.changed');
    const address = { interface: 'dsptest0', address: '192.0.2.77', prefix_length: 24 };
    const replace = () =>
      run('sh', ['-c', 'ip addr flush dev dsptest0; ip addr add 192.0.2.77/24 dev dsptest0']);
    await provoke(client, replace, { ...address, change: 'added' });
    const flush = () => run('ip', ['addr', 'flush', 'dev', 'dsptest0']);
    await provoke(client, flush, { ...address, change: 'removed' });
  });
});

describe.skipIf(!canMount)('mounts (needs the right to mount)', () => {
  it('are told of when they come, change and go', async () => {
    const target = join(folder, 'mount');
    await mkdir(target);
    const unmount = () => run('umount', [target]).catch(() => undefined);
    onTestFinished(async () => {
      await unmount();
    });
    const client = await subscriber('storage.mount.changed');
    // Another source each time: the same mount again within a second would look like the first one
    const mount = async (round: number) => {
      await unmount();
      await run('mount', ['-t', 'tmpfs', `dispatcher-test-${round}`, target]);
    };
    expect(await provoke(client, mount, { target, change: 'added' })).toMatchObject({
      type: 'tmpfs',
      source: expect.stringContaining('dispatcher-test') as string,
      is_read_only: false,
    });
    const protect = () => run('mount', ['-o', 'remount,ro', target]);
    await provoke(client, protect, { target, change: 'changed', is_read_only: true });
    await provoke(client, unmount, { target, change: 'removed' });
  });
});

describe.skipIf(!canLog)('the system log (needs the right to read the kernel log)', () => {
  const log = (text: string) => appendFile('/dev/kmsg', `<12>${text}\n`);

  it('is told of line by line, from the subscription on', async () => {
    await log('dispatcher test: before');
    const client = await subscriber('system.log.message');
    const text = `dispatcher test: ${Date.now()} é`;
    expect(await provoke(client, () => log(text), { text })).toMatchObject({
      source: 'kmsg',
      priority: 4,
      facility: 1,
      dropped: 0,
    });
    const texts = eventsOf(client).map((args) => args['text']);
    expect(texts).not.toContain('dispatcher test: before');
  });
});

describe('files', () => {
  it('are told of as the configuration says, also when it changes meanwhile', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two', 'settings.json')];
    await mkdir(one);
    const client = await subscriber('file.changed');
    await client.result('settings.set', { 'files.watch': [{ path: one, recursive: true }] });
    const write = (round: number) => writeFile(join(one, 'a'), `${round}`);
    await until(async () => {
      const [row] = await client.result<{ state: string }[]>('file.watch.query');
      return row?.state === 'watching';
    });
    await provoke(client, write, { path: join(one, 'a'), change: 'created', is_directory: false });
    await provoke(client, write, { path: join(one, 'a'), change: 'modified' });
    await provoke(client, () => rename(join(one, 'a'), join(one, 'b')), {
      path: join(one, 'b'),
      previous_path: join(one, 'a'),
      change: 'renamed',
    });

    await client.result('settings.set', { 'files.watch': [{ path: one }, { path: two }] });
    await until(async () => {
      const rows = await client.result<{ state: string }[]>('file.watch.query');
      return rows.map(({ state }) => state).join() === 'watching,missing';
    });
    await mkdir(join(folder, 'two'));
    await provoke(client, () => writeFile(two, '{}'), { path: two, change: 'created' });
    await provoke(client, () => rm(join(one, 'b')), { path: join(one, 'b'), change: 'removed' });
    await client.close();

    const other = await server.admin();
    await until(async () => {
      const rows = await other.result<{ state: string }[]>('file.watch.query');
      return rows.map(({ state }) => state).join() === 'idle,idle';
    });
  });
});
