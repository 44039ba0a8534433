import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { noTerminal } from './support/run-cli.js';
import { PASSWORD, TerminalGround } from './support/terminal-ground.js';
import { KEY } from './support/shell-terminal.js';
import { TERMINAL_PROBE } from './support/terminal-probe.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const title = `the connection of dispatcher-cli${noTerminal === null ? '' : ` (${noTerminal})`}`;

describe.skipIf(noTerminal !== null)(title, () => {
  const ground = new TerminalGround();

  it('is made again, and the prompt says that it is lost', async () => {
    const own = await PluginServer.forThisTest({ 'probe.ts': TERMINAL_PROBE });
    const port = new URL(own.process.url).port;
    const shell = await ground.start({ env: { DISPATCHER_URL: own.process.url } });
    shell.type('probe ad');
    await own.process.stop();
    await shell.shows('Connection lost, trying again (^C gives up)');
    await shell.prompt('! /', 'probe ad');
    const again = await PluginServer.forThisTest(
      { 'probe.ts': TERMINAL_PROBE },
      { dispatcher: { 'websocket-port': Number(port) } },
    );
    expect(again.process.url).toBe(own.process.url);
    await shell.shows('Connected again');
    shell.type('d 1 1\r');
    await shell.shows(/^2$/m);
  });

  it('when it is back is told to plugins, which have a client that works', async () => {
    const own = await PluginServer.forThisTest({ 'probe.ts': TERMINAL_PROBE });
    const port = new URL(own.process.url).port;
    const plugins = join(ground.folder, 'plugins');
    mkdirSync(plugins);
    writeFileSync(
      join(plugins, 'hooked.ts'),
      `import { CliPlugin } from 'dispatcher/cli';
export default new CliPlugin({
  onLogin: ({ tell }) => tell('in'),
  async onReconnect({ client, tell }) { tell('again: ' + (await client.call('probe.add', [40, 2]))); },
});`,
    );
    const configuration = join(ground.folder, 'middleware.conf');
    writeFileSync(configuration, JSON.stringify({ cli: { 'plugin-dirs': [plugins] } }));
    const shell = await ground.start({
      env: { DISPATCHER_URL: own.process.url, DISPATCHER_CONFIG: configuration },
    });
    await shell.shows(/^in$/m);
    shell.type('probe ad');
    expect(shell.screen.everything).not.toContain('again');
    await own.process.stop();
    await shell.prompt('! /', 'probe ad');
    await PluginServer.forThisTest(
      { 'probe.ts': TERMINAL_PROBE },
      { dispatcher: { 'websocket-port': Number(port) } },
    );
    await shell.shows(/^again: 42$/m);
    await shell.prompt('/', 'probe ad');
  });

  it('is given up by ^C', async () => {
    const own = await PluginServer.forThisTest({});
    const shell = await ground.start({ env: { DISPATCHER_URL: own.process.url } });
    await own.process.stop();
    await shell.prompt('! /');
    shell.type(KEY.interrupt);
    expect(await shell.ended()).toBe(4);
  });

  it('ends with 3 and the reason when somebody is thrown out', async () => {
    const file = join(ground.folder, 'password');
    writeFileSync(file, PASSWORD);
    const shell = await ground.start({ words: ['--user', 'rita', '--password-file', file] });
    const clients = await ground.client.result<{ session_id: number; user: string }[]>(
      'management.get_connected_clients',
    );
    const rita = clients.find(({ user }) => user === 'rita')!;
    await ground.client.result('management.kick_session', rita.session_id);
    expect(await shell.ended()).toBe(3);
    expect(shell.screen.everything).toMatch(/kicked/i);
  });
});
