import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GATE_PLUGIN, TaskClient } from '../contract/task-plugin.js';
import { mongodbAddress, type TestDatabase } from '../conformance/mongodb-target.js';
import { freePort } from '../support/free-port.js';
import { PlainClient } from '../support/plain-client.js';
import {
  ServerProcess,
  type ServerSettings,
  type StandbyProcess,
} from '../support/server-process.js';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let children: ChildProcess[];
let database: TestDatabase | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-standby-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
  database = null;
});

interface Pair {
  readonly settings: ServerSettings;
  active(): Promise<ServerProcess>;
  /** @param port - of its debug-mode server */
  standby(port?: number): Promise<StandbyProcess>;
}

/** Servers with one configuration, one state folder and one store. */
function pair(dsn: string, dispatcher: ServerSettings['dispatcher'] = {}): Pair {
  const settings: ServerSettings = {
    stateDirectory: join(folder, 'state'),
    dispatcher: { 'shipped-plugins': false, standby: true, ...dispatcher },
    datastore: { driver: dsn.startsWith('mongodb') ? 'mongodb' : 'sqlite', dsn },
  };
  return {
    settings,
    active: async () => {
      const server = await ServerProcess.start(settings);
      children.push(server.child);
      return server;
    },
    standby: async (port = 0) => {
      const process = await ServerProcess.standby({
        ...settings,
        dispatcher: { ...settings.dispatcher, 'frontend-port': port },
      });
      children.push(process.child);
      return process;
    },
  };
}

const file = (): string => join(folder, 'pool', 'store.db');

async function health(port: number, page: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${port}/${page}`);
  return { status: answer.status, body: await answer.json() };
}

/** Until it has said that it waits for that reason. */
async function told({ log }: StandbyProcess, reason: string): Promise<void> {
  await vi.waitUntil(() => log.some((line) => line.includes(reason)), { timeout: 30_000 });
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

describe.each(['sqlite', 'mongodb'])('a pair over %s', (driver) => {
  const isMissing = driver === 'mongodb' && (process.env['MONGODB_URI'] ?? '') === '';

  it.skipIf(isMissing)(
    'one serves, the other stands by and takes over, and tasks keep their ids',
    async () => {
      if (driver === 'mongodb') database = mongodbAddress('standby');
      await writeFile(join(folder, 'gate.ts'), GATE_PLUGIN);
      const nodes = pair(database?.dsn ?? file(), { 'plugin-dirs': [folder] });
      const first = await nodes.active();
      const before = await new TaskClient(await PlainClient.loggedIn(first.url)).subscribe(
        'gate.*',
        'task.*',
      );
      const running = await before.submit('gate.hold', 'one', ['dataset:tank']);
      await before.reached('one');
      const waiting = await before.submit('gate.act', 'claim', 'dataset:tank');

      const port = await freePort();
      const second = await nodes.standby(port);
      expect(second.line).toContain(`stands by: Datastore `);
      expect(second.line).toContain(`is in use by process ${first.pid} on `);
      expect(await health(port, 'healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
      expect(await health(port, 'readyz')).toMatchObject({
        status: 503,
        body: { status: 'standby', reasons: [expect.stringContaining(String(first.pid))] },
      });
      const cursor = before.client.received.findLast(({ name }) => name === 'event')?.args;

      const up = second.isUp();
      first.child.kill('SIGKILL');
      const taken = await up;
      expect(await health(port, 'readyz')).toMatchObject({ status: 200 });
      const after = new TaskClient(await PlainClient.loggedIn(taken.url));
      const { cursor: since } = cursor as { readonly cursor: string };
      expect(await after.client.result('event.replay', ['task.*'], { since })).toMatchObject({
        gap: true,
        events: [],
      });
      expect(await after.wait(running)).toMatchObject({ state: 'FAILED', error: { code: 4 } });
      expect(await after.wait(waiting)).toMatchObject({ state: 'FINISHED' });

      const third = await nodes.standby();
      expect(third.line).toContain(`is in use by process ${taken.pid} on `);
      const back = third.isUp();
      taken.child.kill('SIGTERM');
      expect(await exitOf(taken.child)).toBe(0);
      const client = await PlainClient.loggedIn((await back).url);
      expect(await client.result('task.query', [['id', '=', waiting]])).toMatchObject([
        { state: 'FINISHED' },
      ]);
    },
  );
});

describe('a server that stands by', () => {
  it('ends at once and in good order when it is asked to, and has changed nothing', async () => {
    const nodes = pair(file());
    const first = await nodes.active();
    const port = await freePort();
    const second = await nodes.standby(port);
    second.child.kill('SIGTERM');
    expect(await exitOf(second.child)).toBe(0);
    expect(second.log.filter((line) => line.includes('"fatal"'))).toEqual([]);
    await expect(health(port, 'readyz')).rejects.toThrow();
    const client = await PlainClient.loggedIn(first.url);
    expect(await client.result('management.ping')).toBe('pong');
  });

  it('is followed by one of several, and the others wait for that one', async () => {
    const nodes = pair(file());
    const first = await nodes.active();
    const others = await Promise.all([nodes.standby(), nodes.standby()]);
    const ups = others.map((one) => one.isUp());
    ups.forEach((up) => void up.catch(() => undefined));
    first.child.kill('SIGKILL');
    const taken = await Promise.race(ups);
    const other = others.find(({ child }) => child !== taken.child)!;
    await told(other, `in use by process ${taken.pid} `);
    taken.child.kill('SIGKILL');
    const last = await ups[others.indexOf(other)]!;
    expect(await (await PlainClient.loggedIn(last.url)).result('management.ping')).toBe('pong');
  });

  it('makes no store where the storage is away, and goes on when it is back', async () => {
    const nodes = pair(file());
    const first = await nodes.active();
    const second = await nodes.standby();
    const up = second.isUp();
    await rename(join(folder, 'pool'), join(folder, 'away'));
    await mkdir(join(folder, 'pool'));
    await told(second, 'is not there');
    first.child.kill('SIGKILL');
    await exitOf(first.child);
    expect(existsSync(file())).toBe(false);
    await rm(join(folder, 'pool'), { recursive: true });
    await rename(join(folder, 'away'), join(folder, 'pool'));
    const taken = await up;
    expect(await (await PlainClient.loggedIn(taken.url)).result('management.ping')).toBe('pong');
  });

  it('waits for nothing but a store that is in use', async () => {
    const { settings } = pair(folder);
    const { status, stdout, stderr } = await ServerProcess.fail(settings);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(folder);
  });

  it('is told when it cannot say that it waits', async () => {
    const nodes = pair(file());
    await nodes.active();
    const port = await freePort();
    await nodes.standby(port);
    const { status, stderr } = await ServerProcess.fail({
      ...nodes.settings,
      dispatcher: { ...nodes.settings.dispatcher, 'frontend-port': port },
    });
    expect(status).toBe(1);
    expect(stderr).toContain(`port ${port} (debug mode): it is in use`);
  });
});
