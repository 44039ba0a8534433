import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { PROBE } from './support/probe-plugin.js';
import { noTerminal, runOnTerminal } from './support/run-cli.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PASSWORD = 'correct horse battery';
const address = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const title = `dispatcherctl on a terminal${noTerminal === null ? '' : ` (${noTerminal})`}`;
let server: PluginServer;
let folder: string;

describe.skipIf(noTerminal !== null)(title, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dispatcher-cli-terminal-'));
    server = await PluginServer.start(
      { 'probe.ts': PROBE },
      { dispatcher: { 'websocket-address': '0.0.0.0' } }, // also by another address of this machine
    );
    const client = await server.admin();
    const password = { $password: PASSWORD };
    await client.result('account.create', { username: 'rita', password, roles: ['reader'] });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const ctl = (
    words: readonly string[],
    options: Omit<NonNullable<Parameters<typeof runOnTerminal>[1]>, 'env'> = {},
  ) => runOnTerminal(words, { ...options, env: { DISPATCHER_URL: server.process.url } });

  it.each([40, 80])(
    'shows tables that fit into %i columns, and nothing that acts',
    async (columns) => {
      const { status, screen } = await ctl(['call', 'probe.hostile'], { columns });
      expect(status).toBe(0);
      const lines = screen.replaceAll('\r\n', '\n').trimEnd().split('\n');
      expect(lines[0]).toMatch(/^TITLE/);
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      // eslint-disable-next-line no-control-regex -- that is the point
      expect(lines.join('\n')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    },
  );

  it('shows an object as a list and a scalar as it is', async () => {
    expect((await ctl(['call', 'probe.add', '2', '3'])).screen).toBe('5\r\n');
    expect((await ctl(['call', 'session.whoami'])).screen).toMatch(
      /^username +root\r\nkind +user\r\n/,
    );
    expect((await ctl(['call', 'probe.hostile_text'])).screen).toBe('\\x1b]0;owned\\x07\r\n');
    expect((await ctl(['call', 'probe.echo', '[[]]'])).screen).toBe('(none)\r\n');
  });

  it('asks for the password of who needs one, without showing it', async () => {
    const words = ['--user', 'nobody-knows', 'call', 'session.whoami'];
    const after = 'Password of nobody-knows';
    const wrong = await ctl(words, { type: [{ after, keys: 'guess\r' }] });
    expect(wrong.status).toBe(3);
    expect(wrong.screen).toMatch(/: \r\nEACCES: /);
    expect(wrong.screen).not.toContain('guess');
    const left = await ctl(words, { type: [{ after, keys: '\x03' }] });
    expect(left.status).toBe(130);
  });

  it.skipIf(address === undefined)(
    'asks at once where the server is on another machine (needs a network)',
    async () => {
      const url = server.process.url.replace(/\/\/[^:/]+/, `//${address ?? ''}`);
      const words = [
        '--url',
        url,
        '--user',
        'rita',
        'call',
        'session.whoami',
        '--select',
        'username',
      ];
      const type = [{ after: 'Password of rita', keys: `${PASSWORD}\r` }];
      const { status, screen } = await ctl(words, { type });
      expect(status).toBe(0);
      expect(screen).toMatch(/rita\r\n$/);
      expect(screen).not.toContain(PASSWORD);
    },
  );

  it('shows the progress of a task on one line, and its result', async () => {
    const { status, screen } = await ctl(['submit', 'probe.slow', 'seconds=2']);
    expect(status).toBe(0);
    expect(screen).toMatch(/\[#+ *\] \d+ % step \d+/);
    expect(screen).toMatch(/slept +2\r\n$/);
    expect(screen).not.toContain('\x1b');
  });

  it('asks before it aborts a task', async () => {
    const type = [
      { after: 'step 0', keys: '\x03' },
      { after: 'Abort task', keys: 'y\r' },
    ];
    const { status, screen } = await ctl(['submit', 'probe.slow', 'seconds=60'], { type });
    expect(status).toBe(130);
    const [, id = ''] = /Abort task (\d+)\?/.exec(screen) ?? [];
    const row = await (await server.admin()).result<{ state: string }>('task.status', Number(id));
    expect(row.state).toBe('ABORTED');
  });

  it('hands more rows than the screen has to the pager', async () => {
    const env = { DISPATCHER_URL: server.process.url, DISPATCHER_PAGER: 'echo paged; wc -l' };
    const { screen } = await runOnTerminal(['call', 'probe.many', '50'], { env });
    expect(screen).toMatch(/^paged\r\n *51\r\n$/);
  });

  it('describes a method for people', async () => {
    const { screen } = await ctl(['describe', 'probe.add']);
    expect(screen).toMatch(/^Method probe\.add\r\n +Adds two numbers\r\n/);
    expect(screen).toMatch(/Example: dispatcherctl call probe\.add a=1 b=1/);
  });
});
