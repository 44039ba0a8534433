import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { PluginServer } from '../contract/plugin-server.js';
import { PROBE } from './support/probe-plugin.js';
import { runCli } from './support/run-cli.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let server: PluginServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-cli-'));
  server = await PluginServer.start({ 'probe.ts': PROBE });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const ctl = (words: readonly string[]) =>
  runCli(words, { env: { DISPATCHER_URL: server.process.url } });

it('who meets a server that takes the connection and answers no login is told, within the time to connect', async () => {
  for (const answer of [null, 'no frame', '{}', 'null']) {
    const other = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => other.close());
    other.on('connection', (socket) => {
      socket.on('message', () => {
        if (answer !== null) socket.send(answer);
      });
    });
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const config = join(folder, 'quick.conf');
    writeFileSync(config, JSON.stringify({ cli: { 'connect-timeout-ms': 300 } }));
    const ended = await ctl(['--url', `ws://127.0.0.1:${port}/socket`, '-c', config, 'status']);
    expect(ended).toMatchObject({ status: 4, stdout: '' });
    expect(ended.stderr).toMatch(/: The login got no answer within 300 ms\n$/);
  }
});

it('no option that begins with a digit: what does is a value', async () => {
  for (const number of ['-5', '-0.5', '-.5', '-1e3']) {
    const { stdout } = await ctl(['call', 'probe.echo', number]);
    expect([number, JSON.parse(stdout)]).toEqual([
      number,
      number === '-.5' ? '-.5' : Number(number),
    ]);
  }
  expect(await ctl(['call', 'probe.add', '-2', '-3'])).toMatchObject({ stdout: '-5\n' });
  expect((await ctl(['call', 'probe.add', '--timeout', '-1'])).stderr).toContain('got "-1"');
  expect((await ctl(['call', 'probe.echo', '1e400'])).stdout).toBe('"1e400"\n');
});
