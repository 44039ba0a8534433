import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const DEATHS = 10;
const TIMEOUT_MS = 300_000;
let directory: string;
let pidfile: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-death-'));
  pidfile = join(directory, 'dispatcher.pid');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A server on the state of the one before, with a client that always has calls under way. */
async function busyServer(): Promise<ServerProcess> {
  const server = await ServerProcess.start({
    dispatcher: { pidfile },
    stateDirectory: join(directory, 'state'),
  });
  expect((await readFile(pidfile, 'utf8')).trim()).toBe(String(server.pid));
  const client = await PlainClient.loggedIn(server.url);
  const load = async (): Promise<void> => {
    for (;;) {
      await Promise.all(Array.from({ length: 50 }, () => client.call('discovery.get_services')));
      client.received.length = 0;
    }
  };
  await client.call('management.ping');
  for (let i = 0; i < 4; i += 1) load().catch(() => undefined); // until the server is gone
  return server;
}

it(
  'ten kill -9 under load leave a pidfile that the next server knows for stale',
  async () => {
    for (let i = 0; i < DEATHS; i += 1) {
      const server = await busyServer();
      const exited = once(server.child, 'exit');
      server.child.kill('SIGKILL');
      expect((await exited)[1]).toBe('SIGKILL');
      expect(existsSync(pidfile)).toBe(true);
      await server.stop();
    }
    const last = await busyServer();
    expect(await last.stop()).toBe(0);
    expect(existsSync(pidfile)).toBe(false);
  },
  TIMEOUT_MS,
);

it(
  'ten SIGTERM under load end with status 0 and take the pidfile along',
  async () => {
    for (let i = 0; i < DEATHS; i += 1) {
      const server = await busyServer();
      expect(await server.stop()).toBe(0);
      expect(existsSync(pidfile)).toBe(false);
      expect(server.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
    }
  },
  TIMEOUT_MS,
);
