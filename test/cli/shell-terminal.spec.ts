import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import type { PlainClient } from '../support/plain-client.js';
import { noTerminal } from './support/run-cli.js';
import { KEY, ShellTerminal, type TerminalOptions } from './support/shell-terminal.js';
import { TERMINAL_PROBE } from './support/terminal-probe.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const title = `dispatcher-cli on a terminal${noTerminal === null ? '' : ` (${noTerminal})`}`;
const PASSWORD = 'correct horse battery';
let server: PluginServer;
let client: PlainClient;
let folder: string;
const open: ShellTerminal[] = [];

describe.skipIf(noTerminal !== null)(title, () => {
  beforeAll(async () => {
    server = await PluginServer.start({ 'probe.ts': TERMINAL_PROBE });
    client = await server.admin();
    const password = { $password: PASSWORD };
    await client.result('account.create', { username: 'rita', password, roles: ['admin'] });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dispatcher-shell-'));
    await client.result('probe.seen');
  });
  afterEach(async () => {
    for (const terminal of open.splice(0)) await terminal.close();
    rmSync(folder, { recursive: true });
  });

  const history = (): string => join(folder, 'state/dispatcher/history');

  /** A shell that waits for its first line. */
  async function start({ env, ...more }: TerminalOptions = {}): Promise<ShellTerminal> {
    const terminal = ShellTerminal.start({
      ...more,
      env: {
        DISPATCHER_URL: server.process.url,
        XDG_CACHE_HOME: join(folder, 'cache'),
        XDG_STATE_HOME: join(folder, 'state'),
        ...env,
      },
    });
    open.push(terminal);
    await terminal.prompt();
    return terminal;
  }

  describe('completion', () => {
    it('writes the only word, and lists arguments with their types', async () => {
      const shell = await start();
      shell.type(`pro${KEY.tab}`);
      await shell.prompt('/', 'probe ');
      shell.type(`ad${KEY.tab}`);
      await shell.prompt('/', 'probe add ');
      shell.type(KEY.tab + KEY.tab);
      await shell.shows(/^a= +integer, required/m);
      await shell.shows(/^b= +integer, required/m);
      expect(shell.screen.cursor.line).toBe('/> probe add');
      shell.type('2 3\r');
      await shell.shows(/^5$/m);
      shell.type(`probe choose ${KEY.tab}`);
      await shell.shows(/^cold|^hot/m);
    });

    it('lists keys of rows, and does not wait for a server that is slow', async () => {
      const shell = await start();
      shell.type(`probe item n${KEY.tab}`);
      await shell.shows(/^n1 +n2$/m);
      shell.type('\x15');
      await client.result('probe.delay', 10_000);
      try {
        const began = performance.now();
        shell.type(`probe item oth${KEY.tab}`);
        await shell.shows(/^…$/m);
        expect(performance.now() - began).toBeLessThan(3_000);
        shell.type('er show');
        await shell.prompt('/', 'probe item other show');
      } finally {
        await client.result('probe.delay', 0);
      }
    });

    it('carries out nothing', async () => {
      const shell = await start();
      shell.type(`probe add $(probe item create name=x) ${KEY.tab}${KEY.tab}`);
      await shell.shows('$(probe item create name=x) b=');
      shell.type(`\x15probe add $(probe choose hot) $(probe item cre${KEY.tab}`);
      await shell.shows('$(probe item create ');
      expect(await client.result('probe.seen')).toEqual([]);
    });
  });

  describe('places', () => {
    it('are gone to and shown', async () => {
      const shell = await start();
      const steps: [string, string][] = [
        ['probe', '/probe'],
        ['item', '/probe/item'],
        ['..', '/probe'],
        ['-', '/probe/item'],
        ['/', '/'],
        ['-', '/probe/item'],
        ['top', '/'],
        ['probe item', '/probe/item'],
        ['cd ../item', '/probe/item'],
        ['cd /probe', '/probe'],
      ];
      for (const [line, place] of steps) {
        shell.line(line);
        await shell.until(`${place} by ${line}`, ({ cursor }) => cursor.line === `${place}>`);
      }
      shell.line('/probe add 1 2');
      await shell.shows(/^3$/m);
      await shell.prompt('/probe');
    });
  });

  describe('arguments', () => {
    it('that are missing are asked for, secrets without showing them', async () => {
      const shell = await start();
      shell.line('probe add 1');
      await shell.shows(/^b \(.*integer.*\): *$/m);
      shell.line('4');
      await shell.shows(/^5$/m);
      shell.line('probe login user=u');
      await shell.shows(/^password: *$/m);
      shell.line('s3cr3t');
      await shell.shows(/^u$/m);
      expect(shell.screen.everything).not.toContain('s3cr3t');
    });
  });

  describe('a task in front', () => {
    it('shows its progress to the end, and its result', async () => {
      const shell = await start();
      shell.line('probe slow 0.5');
      await shell.shows(/^\[#+ *\] \d+ % step \d+/m);
      await shell.shows(/^slept +0\.5$/m);
      await shell.prompt();
    });

    it('goes on after ^C, and is aborted by the second', async () => {
      const shell = await start();
      shell.line('probe slow 60');
      await shell.shows(/% step \d+/);
      shell.type(KEY.interrupt);
      await shell.shows(/^Task (\d+) goes on: wait \1/m);
      await shell.prompt('[1] /');
      const [, id = ''] = /^Task (\d+) goes on/m.exec(shell.screen.everything) ?? [];
      const state = () => client.result<{ state: string }>('task.status', Number(id));
      expect((await state()).state).toBe('EXECUTING');
      shell.type(KEY.interrupt);
      await shell.shows(`Task ${id} (probe.slow) was aborted`);
      expect((await state()).state).toBe('ABORTED');
      await shell.prompt();
    });

    it('goes to the background by ^Z', async () => {
      const shell = await start();
      shell.line('probe slow 2 && probe add 1 1');
      await shell.shows(/% step \d+/);
      shell.type(KEY.suspend);
      await shell.shows(/^\[\d+\] probe\.slow goes on in the background/m);
      await shell.prompt('[1] /');
      await shell.shows(/^Task \d+ \(probe\.slow\) has finished/m);
      await shell.prompt();
      expect(await client.result('probe.seen')).toEqual([]); // what stood behind it was given up
    });

    it('says what it waits for', async () => {
      const shell = await start();
      shell.line('probe hold 60 &');
      await shell.prompt('[1] /');
      shell.line('probe hold 0.1');
      await shell.shows(/waits for probe-disk \(held by \d+\)/);
      const [, holder = ''] = /held by (\d+)/.exec(shell.screen.everything) ?? [];
      shell.type(KEY.interrupt);
      await shell.prompt('[2] /');
      shell.line(`explain ${Number(holder) + 1}`);
      await shell.shows(/probe-disk/);
      shell.line(`abort ${holder}`);
      await shell.shows(`Task ${holder} (probe.hold) was aborted`);
    });
  });

  describe('a task in the background', () => {
    it('is told of above what is being typed', async () => {
      const shell = await start();
      shell.line('probe slow 1 &');
      await shell.prompt('[1] /');
      shell.type(`probe ad${KEY.left}`);
      await shell.shows(/^Task \d+ \(probe\.slow\) has finished/m);
      await shell.until('the line without [1]', ({ cursor }) => {
        return cursor.line === '/> probe ad' && cursor.column === 10;
      });
      shell.type(`${KEY.right}d 1 2\r`);
      await shell.shows(/^3$/m);
    });

    it('that fails says why', async () => {
      const shell = await start();
      shell.line('probe fail &');
      await shell.shows(/^Task \d+ \(probe\.fail\) has failed: EBUSY: The disk is busy/m);
    });
  });

  describe('history', () => {
    it('has no secrets, and is for its owner alone', async () => {
      const shell = await start();
      shell.line('probe login user=u password=s3cr3t');
      await shell.shows(/^u$/m);
      await shell.prompt();
      shell.line(' probe add 1 1');
      await shell.shows(/^2$/m);
      await shell.prompt();
      expect(readFileSync(history(), 'utf8')).toBe('probe login user=u password=<hidden>\n');
      expect(statSync(history()).mode & 0o777).toBe(0o600);
      // and what was left out is asked for when the line is used again
      shell.type(KEY.up);
      await shell.prompt('/', 'probe login user=u password=<hidden>');
      shell.type('\r');
      await shell.shows(/^password: *$/m);
      shell.line('other');
      await shell.shows(/^u[^]*^u$/m);
      expect(readFileSync(history(), 'utf8')).not.toContain('other');
    });

    it('is there in the next shell, and searched', async () => {
      const one = await start();
      one.line('probe add 1 2');
      await one.shows(/^3$/m);
      one.type(KEY.end);
      expect(await one.ended()).toBe(0);
      const other = await start();
      other.type(`${KEY.search}add`);
      await other.shows('(search) add: probe add 1 2');
      other.type('\r');
      await other.shows(/^3$/m);
    });
  });

  describe('what is typed', () => {
    it('by a paste runs when Enter is pressed', async () => {
      const shell = await start();
      shell.type('\x1b[200~probe add 1 1\nprobe add 2 2\n\x1b[201~');
      await shell.shows('... probe add 2 2');
      expect(await client.result('probe.seen')).toEqual([]);
      shell.type('\r');
      await shell.shows(/^2\n4$/m);
    });

    it('goes on in the next line while a block is open', async () => {
      const shell = await start();
      shell.line('for x in [1, 2] {');
      await shell.shows(/^\.\.\.$/m);
      shell.line('probe add $x 10 }');
      await shell.shows(/^11\n12$/m);
    });

    it('ahead is the next line', async () => {
      const shell = await start();
      shell.line('probe slow 0.2');
      shell.line('probe add 20 2');
      await shell.shows(/^slept[^]*^22$/m);
    });

    it('is drawn anew at another size', async () => {
      const shell = await start();
      shell.type('probe add 1111111111 2222222222');
      await shell.prompt('/', 'probe add 1111111111 2222222222');
      shell.resize(20, 10);
      await shell.until('two rows', ({ rows }) => rows.at(-1) === '111 2222222222');
    });

    it('is never obeyed by the terminal, nor what a server sends', async () => {
      const shell = await start();
      shell.line('probe hostile');
      await shell.shows(String.raw`\x1b]0;owned\x07`);
    });
  });

  describe('^C', () => {
    it('drops a line, and ends a call', async () => {
      const shell = await start();
      shell.type('probe never');
      await shell.prompt('/', 'probe never');
      shell.type(KEY.interrupt);
      await shell.prompt();
      shell.line('probe never');
      await shell.until('the call runs', ({ cursor }) => cursor.line === '');
      shell.type(KEY.interrupt);
      await shell.prompt();
    });
  });

  describe('the terminal', () => {
    const flags = /(?:^|\s)(-?)(icanon|echo|isig)\b/g;
    const cooked = (text: string): string[] =>
      [...text.slice(text.indexOf('status ')).matchAll(flags)].map(
        ([, minus, name]) => `${minus}${name}`,
      );

    it.each<[string, (shell: ShellTerminal) => void, string]>([
      ['exit', (shell) => shell.line('exit 3'), 'status 3'],
      ['^D', (shell) => shell.type(KEY.end), 'status 0'],
    ])('is as it was after %s', async (_, leave, status) => {
      const shell = await start({ afterwards: 'stty -a' });
      leave(shell);
      await shell.shows(status);
      await shell.shows('echok');
      expect(cooked(shell.screen.everything).sort()).toEqual(['echo', 'icanon', 'isig']);
      expect(shell.screen.modes).toEqual(new Set());
    });

    it('is handed to the pager, and taken back', async () => {
      const shell = await start({
        env: { DISPATCHER_PAGER: 'echo paged; stty -a < /dev/tty; wc -l' },
      });
      shell.line('probe many 50');
      await shell.shows('paged');
      await shell.shows(/\bicanon\b[^]*^ *51$/m);
      await shell.prompt();
      shell.line('probe add 3 4');
      await shell.shows(/^7$/m);
    });

    it('is left at SIGTERM, and when it goes away', async () => {
      const shell = await start();
      process.kill(shell.pid, 'SIGTERM');
      expect(await shell.ended()).toBe(143);
      expect(shell.screen.modes).toEqual(new Set());
      const other = await start();
      const { pid } = other;
      await other.close();
      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 10_000);
    });
  });

  it('is as the documentation shows it', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
    const [, session = ''] = /```text\n(\/> [^]*?)```/.exec(page) ?? [];
    const shell = await start();
    const seen: string[] = [];
    for (const line of session.trimEnd().split('\n')) {
      seen.push(line);
      const [, place, command] = /^(\/\S*)> (.*)$/.exec(line) ?? [];
      if (place === undefined || command === undefined) continue;
      await shell.prompt(place);
      shell.line(command);
    }
    expect(seen.length).toBeGreaterThan(10);
    expect(await shell.ended()).toBe(0);
    expect(shell.screen.everything.trimEnd().split('\n')).toEqual(seen);
  });

  describe('the connection', () => {
    it('is made again, and the prompt says that it is lost', async () => {
      const own = await PluginServer.forThisTest({ 'probe.ts': TERMINAL_PROBE });
      const port = new URL(own.process.url).port;
      const shell = await start({ env: { DISPATCHER_URL: own.process.url } });
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

    it('is given up by ^C', async () => {
      const own = await PluginServer.forThisTest({});
      const shell = await start({ env: { DISPATCHER_URL: own.process.url } });
      await own.process.stop();
      await shell.prompt('! /');
      shell.type(KEY.interrupt);
      expect(await shell.ended()).toBe(4);
    });

    it('ends with 3 and the reason when somebody is thrown out', async () => {
      const file = join(folder, 'password');
      writeFileSync(file, PASSWORD);
      const shell = await start({ words: ['--user', 'rita', '--password-file', file] });
      const clients = await client.result<{ session_id: number; user: string }[]>(
        'management.get_connected_clients',
      );
      const rita = clients.find(({ user }) => user === 'rita')!;
      await client.result('management.kick_session', rita.session_id);
      expect(await shell.ended()).toBe(3);
      expect(shell.screen.everything).toMatch(/kicked/i);
    });
  });
});
