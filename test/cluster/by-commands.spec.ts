import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../cli/support/run-cli.js';
import { mongodbAddress, type TestDatabase } from '../conformance/mongodb-target.js';
import { clusterObstacle } from '../support/cluster-ground.js';
import { moveToFreePorts } from '../support/free-port.js';
import { NatsServer } from '../support/nats-server.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const DISPATCHER = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const NAMES = ['n1', 'n2', 'n3'];

interface NodeRow {
  readonly name: string;
  readonly state: string;
  readonly leader: boolean;
}

/** The guide's way: what is written by one command is started as it is, but for ports and times. */
describe.skipIf(clusterObstacle !== null)(
  'three nodes, started by the commands of the guide',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-by-commands-'));
    const made = join(folder, 'cluster');
    const servers: NatsServer[] = [];
    const nodes = new Map<string, { readonly child: ChildProcess; readonly url: string }>();
    let database: TestDatabase;
    let log = '';

    beforeAll(async () => {
      database = mongodbAddress('commands')!;
      const words = [
        '--nodes',
        NAMES.join(),
        '--name',
        'nas',
        '--dsn',
        database.dsn,
        '--tls',
        made,
      ];
      expect(await runCli(['cluster', 'init', ...words])).toMatchObject({ status: 0 });
      await moveToFreePorts(NAMES.flatMap((name) => [confOf(name), join(made, name, 'nats.conf')]));
      for (const name of NAMES) haste(confOf(name));
      const started = NAMES.map((name) => NatsServer.startFrom(join(made, name, 'nats.conf')));
      servers.push(...(await Promise.all(started)));
      await Promise.all(NAMES.map(start));
    });

    afterAll(async () => {
      for (const { child } of nodes.values()) await end(child);
      for (const server of servers) await server.stop();
      await database.drop();
      rmSync(folder, { recursive: true });
    });

    const confOf = (name: string): string => join(made, name, 'middleware.conf');

    async function start(name: string): Promise<void> {
      const words = ['-c', confOf(name), '-p', '0', '-s', '0'];
      const env = { ...process.env, STATE_DIRECTORY: join(made, name, 'state') };
      const child = spawn(process.execPath, [DISPATCHER, ...words], { env, stdio: 'pipe' });
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text) => (log += String(text)));
      for await (const line of createInterface({ input: child.stdout })) {
        const [url] = / is ready at (\S+)/.exec(line)?.slice(1) ?? [];
        if (url === undefined) continue;
        nodes.set(name, { child, url });
        return;
      }
      throw new Error(`Node ${name} did not start`);
    }

    async function ctl(node: string, ...words: readonly string[]): Promise<unknown> {
      const { url } = nodes.get(node)!;
      const ended = await runCli(['--url', url, 'cluster', ...words]);
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      return ended.stdout === '' ? undefined : (JSON.parse(ended.stdout) as unknown);
    }

    const rowsAt = async (node: string): Promise<readonly NodeRow[]> =>
      (await ctl(node, 'nodes', '--json')) as readonly NodeRow[];

    const statesAt = async (node: string): Promise<Readonly<Record<string, string>>> =>
      Object.fromEntries((await rowsAt(node)).map(({ name, state }) => [name, state]));

    const leaderAt = async (node: string): Promise<string> =>
      ((await ctl(node, 'leader', '--json')) as { node: string }).node;

    const patient = { timeout: 30_000, interval: 300 };

    it('know each other and one leader, whichever is asked', async () => {
      for (const name of NAMES) {
        await vi.waitFor(async () => {
          expect(await statesAt(name)).toEqual({ n1: 'live', n2: 'live', n3: 'live' });
        }, patient);
      }
      await vi.waitFor(async () => expect(await leaderAt('n1')).toMatch(/^n[123]$/), patient);
      const leader = await leaderAt('n1');
      expect([await leaderAt('n2'), await leaderAt('n3')]).toEqual([leader, leader]);
      const leading = (await rowsAt('n2')).filter((row) => row.leader).map(({ name }) => name);
      expect(leading).toEqual([leader]);
      expect(await ctl('n3', 'status', '--json')).toMatchObject({
        ...{ cluster: 'nas', node: 'n3', leader, connected: true },
      });
    });

    it('hand over, drain, and forget who is lost', async () => {
      const before = await leaderAt('n1');
      const next = await ctl(before, 'hand-over', '--json');
      expect(NAMES.filter((name) => name !== before)).toContain(next);
      const [first = '', second = ''] = NAMES.filter((name) => name !== next);
      await ctl(first, 'drain', second);
      await vi.waitFor(async () => {
        expect((await statesAt(first))[second]).toBe('draining');
      }, patient);
      await end(nodes.get(second)!.child);
      await vi.waitFor(async () => expect((await statesAt(first))[second]).toBe('lost'), patient);
      await ctl(first, 'forget', second);
      expect(await statesAt(first)).not.toHaveProperty(second);
      await start(second);
      await vi.waitFor(async () => expect((await statesAt(first))[second]).toBe('live'), patient);
    });

    it('had all of their plugins, although nobody led while they started', () => {
      expect(log).toContain('Plugin initialized');
      expect(log).not.toMatch(/did not finish within|Plugin skipped/);
    });

    it('were refused nothing by NATS, whatever they said to each other', () => {
      expect(log).toContain('This node leads the cluster in term');
      expect(log).not.toMatch(/NATS refuses something|Permissions Violation/);
    });
  },
);

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** What is lost is so after five seconds. */
function haste(file: string): void {
  const { dispatcher, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as {
    dispatcher: { cluster: object };
  };
  const cluster = { ...dispatcher.cluster, 'lease-ms': 5_000, 'node-lost-ms': 10_000 };
  const hasty = { ...rest, dispatcher: { ...dispatcher, cluster } };
  writeFileSync(file, JSON.stringify(hasty), { mode: 0o600 });
}
