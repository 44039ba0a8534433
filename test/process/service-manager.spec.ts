import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DatagramReader } from '../support/datagram-reader.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const WAIT = { timeout: 20_000, interval: 50 };
const PLUGIN = `
import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('probe')
export class ProbeProvider extends Provider {
  @description('What children would inherit') @accepts() @returns(String)
  inherited() { return process.env['NOTIFY_SOCKET'] ?? 'nothing'; }
  @description('Holds up the event loop') @accepts(Number) @returns(null)
  block(ms: number) { for (const end = Date.now() + ms; Date.now() < end; ); return null; }
}
@Plugin({ providers: [ProbeProvider] }) export default class {}
`;

let directory: string;
let manager: DatagramReader;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-notify-'));
  await writeFile(join(directory, 'probe.ts'), PLUGIN);
  manager = new DatagramReader(join(directory, 'notify.sock'));
});
afterAll(async () => {
  manager.close();
  await rm(directory, { recursive: true, force: true });
});

const told = (what: string) => manager.received.filter((text) => text.startsWith(what));

it('the service manager hears of the start, each reload, the life of the event loop and the end', async () => {
  const server = await ServerProcess.start({
    dispatcher: { 'plugin-dirs': [directory], 'shipped-plugins': false },
    env: { NOTIFY_SOCKET: join(directory, 'notify.sock'), WATCHDOG_USEC: '400000' },
  });
  await vi.waitUntil(() => told('READY=1').length === 1, WAIT);
  expect(told('READY=1')[0]).toBe(`READY=1\nSTATUS=Ready at ${server.url}`);

  server.child.kill('SIGHUP');
  await vi.waitUntil(() => told('READY=1').length === 2, WAIT);
  expect(told('RELOADING=1')[0]).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=/);

  const client = await PlainClient.loggedIn(server.url);
  expect(await client.result('probe.inherited')).toBe('nothing');
  const feeds = () => manager.arrivals.filter((_, i) => manager.received[i] === 'WATCHDOG=1');
  const before = feeds().length;
  await vi.waitUntil(() => feeds().length >= before + 3, WAIT);
  // whoever feeds it from elsewhere would do so while the loop is held up
  const heldUpSince = performance.now();
  await client.result('probe.block', 2_000);
  await vi.waitUntil(() => (feeds().at(-1) ?? 0) > heldUpSince + 2_000, WAIT);
  const gaps = feeds().map((time, i, all) => time - (all[i - 1] ?? time));
  expect(Math.max(...gaps)).toBeGreaterThan(1_500);

  expect(await server.stop()).toBe(0);
  await vi.waitUntil(() => told('STOPPING=1').length === 1, WAIT);
});

it('a service manager that cannot be reached is a warning', async () => {
  const server = await ServerProcess.start({
    env: { NOTIFY_SOCKET: join(directory, 'no.sock') },
  });
  expect(server.log.filter((line) => line.includes('service manager cannot be told'))).toHaveLength(
    1,
  );
  expect(await server.stop()).toBe(0);
});
