import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FrameRecorder } from './support/frame-recorder.js';
import { noTerminal } from './support/run-cli.js';
import { TerminalGround } from './support/terminal-ground.js';
import { KEY, ShellTerminal } from './support/shell-terminal.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const title = `dispatcher-cli on a terminal${noTerminal === null ? '' : ` (${noTerminal})`}`;

describe.skipIf(noTerminal !== null)(title, () => {
  const ground = new TerminalGround();
  const history = (): string => join(ground.folder, 'state/dispatcher/history');

  describe('the first prompt', () => {
    it('needs few questions, and one subscription', async () => {
      const recorder = await FrameRecorder.before(ground.server.process.url);
      onTestFinished(() => recorder.close());
      const env = { DISPATCHER_URL: recorder.url };
      await ground.start({ env });
      recorder.forget();
      await ground.start({ env }); // now the tree is known
      expect([...recorder.methods].sort()).toEqual([
        'discovery.get_schema_hash',
        'discovery.get_services',
        'event.cursor',
        'management.enable_features',
      ]);
      const subscriptions = recorder.others.filter((name) => name === 'events/subscribe');
      expect(subscriptions.length).toBeLessThanOrEqual(1);
    });
  });

  describe('completion', () => {
    it('writes the only word, and lists arguments with their types', async () => {
      const shell = await ground.start();
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
      const shell = await ground.start();
      shell.type(`probe item n${KEY.tab}`);
      await shell.shows(/^n1 +n2$/m);
      shell.type('\x15');
      await ground.client.result('probe.delay', 10_000);
      try {
        const began = performance.now();
        shell.type(`probe item oth${KEY.tab}`);
        await shell.shows(/^…$/m);
        expect(performance.now() - began).toBeLessThan(3_000);
        shell.type('er show');
        await shell.prompt('/', 'probe item other show');
      } finally {
        await ground.client.result('probe.delay', 0);
      }
    });

    it('carries out nothing', async () => {
      const shell = await ground.start();
      shell.type(`probe add $(probe item create name=x) ${KEY.tab}${KEY.tab}`);
      await shell.shows('$(probe item create name=x) b=');
      shell.type(`\x15probe add $(probe choose hot) $(probe item cre${KEY.tab}`);
      await shell.shows('$(probe item create ');
      const seen = await ground.client.result<readonly string[]>('probe.seen');
      expect(seen.filter((what) => what !== 'query')).toEqual([]); // keys may be asked for
    });
  });

  describe('places', () => {
    it('are gone to and shown', async () => {
      const shell = await ground.start();
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
      const shell = await ground.start();
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
      const shell = await ground.start();
      shell.line('probe slow 0.5');
      await shell.shows(/^\[#+ *\] \d+ % step \d+/m);
      await shell.shows(/^slept +0\.5$/m);
      await shell.prompt();
    });

    it('goes on after ^C, and is aborted by the second', async () => {
      const shell = await ground.start();
      shell.line('probe slow 60');
      await shell.shows(/% step \d+/);
      shell.type(KEY.interrupt);
      await shell.shows(/^Task (\d+) goes on: wait \1/m);
      await shell.prompt('[1] /');
      const [, id = ''] = /^Task (\d+) goes on/m.exec(shell.screen.everything) ?? [];
      const state = () => ground.client.result<{ state: string }>('task.status', Number(id));
      expect((await state()).state).toBe('EXECUTING');
      shell.type(KEY.interrupt);
      await shell.shows(`Task ${id} (probe.slow) was aborted`);
      expect((await state()).state).toBe('ABORTED');
      await shell.prompt();
    });

    it('goes to the background by ^Z', async () => {
      const shell = await ground.start();
      shell.line('probe slow 2 && probe add 1 1');
      await shell.shows(/% step \d+/);
      shell.type(KEY.suspend);
      await shell.shows(/^\[\d+\] probe\.slow goes on in the background/m);
      await shell.prompt('[1] /');
      await shell.shows(/^Task \d+ \(probe\.slow\) has finished/m);
      await shell.prompt();
      expect(await ground.client.result('probe.seen')).toEqual([]); // what stood behind it was given up
    });

    it('says what it waits for', async () => {
      const shell = await ground.start();
      shell.line('probe hold 60 &');
      await shell.prompt('[1] /');
      shell.line('probe hold 0.1');
      await shell.shows(/waits for probe-disk \(held by \d+\)/);
      const [, holder = ''] = /held by (\d+)/.exec(shell.screen.everything) ?? [];
      shell.type(KEY.interrupt);
      await shell.prompt('[2] /');
      const waiter = Number(holder) + 1;
      shell.line(`explain ${waiter}`);
      await shell.shows(`Task ${waiter} (probe.hold) is WAITING and waits for`);
      await shell.shows(`\n  probe-disk (held by ${holder})`);
      shell.line(`abort ${holder}`);
      await shell.shows(`Task ${holder} (probe.hold) was aborted`);
    });
  });

  describe('a task that is waited for', () => {
    it('shows its progress, goes on after ^C, and gives its result in the end', async () => {
      const shell = await ground.start();
      shell.line('probe slow 4 &');
      await shell.prompt('[1] /');
      const [, id = ''] = /^\[(\d+)\] probe\.slow/m.exec(shell.screen.everything) ?? [];
      shell.line('wait');
      await shell.shows(/^\[#+ *\] \d+ % step \d+/m);
      shell.type(KEY.interrupt);
      await shell.prompt('[1] /');
      shell.line(`wait ${id}`);
      await shell.shows(/^slept +4$/m);
      await shell.prompt();
      expect(shell.screen.everything).not.toContain('has finished'); // nobody says it twice
    });
  });

  describe('a task in the background', () => {
    it('is told of above what is being typed', async () => {
      const shell = await ground.start();
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
      const shell = await ground.start();
      shell.line('probe fail &');
      await shell.shows(/^Task \d+ \(probe\.fail\) has failed: EBUSY: The disk is busy/m);
    });
  });

  describe('history', () => {
    it('has no secrets, and is for its owner alone', async () => {
      const shell = await ground.start();
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
      const one = await ground.start();
      one.line('probe add 1 2');
      await one.shows(/^3$/m);
      one.type(KEY.end);
      expect(await one.ended()).toBe(0);
      const other = await ground.start();
      other.type(`${KEY.search}add`);
      await other.shows('(search) add: probe add 1 2');
      other.type('\r');
      await other.shows(/^3$/m);
    });
  });

  describe('what is typed', () => {
    it('by a paste runs when Enter is pressed', async () => {
      const shell = await ground.start();
      shell.type('\x1b[200~probe add 1 1\nprobe add 2 2\n\x1b[201~');
      await shell.shows('... probe add 2 2');
      expect(await ground.client.result('probe.seen')).toEqual([]);
      shell.type('\r');
      await shell.shows(/^2\n4$/m);
    });

    it('goes on in the next line while a block is open', async () => {
      const shell = await ground.start();
      shell.line('for x in [1, 2] {');
      await shell.shows(/^\.\.\.$/m);
      shell.line('probe add $x 10 }');
      await shell.shows(/^11\n12$/m);
    });

    it('ahead is the next line', async () => {
      const shell = await ground.start();
      shell.line('probe slow 0.2');
      shell.line('probe add 20 2');
      await shell.shows(/^slept[^]*^22$/m);
    });

    it('is drawn anew at another size', async () => {
      const shell = await ground.start();
      shell.type('probe add 1111111111 2222222222');
      await shell.prompt('/', 'probe add 1111111111 2222222222');
      shell.resize(20, 10);
      await shell.until('two rows', ({ rows }) => rows.at(-1) === '111 2222222222');
    });

    it('and what answers is never wider than the terminal, of wide characters as well', async () => {
      const shell = await ground.start({ columns: 40 });
      shell.line('probe wide');
      await shell.prompt();
      await shell.shows(/^ *N .*\n *1 .*…\n *2 .*…\n\/>/m); // what is wider is in two rows
      shell.line('probe say 2');
      await shell.shows(/^\[#+ *\] 50 % 漢字.*…/m);
      await shell.prompt();
      await shell.shows(/^\/> probe say 2\nTask \d+ has finished\n\/>/m);
    });

    it('is never obeyed by the terminal, nor what a server sends', async () => {
      const shell = await ground.start();
      shell.line('probe hostile');
      await shell.shows(String.raw`\x1b]0;owned\x07`);
    });
  });

  describe('^C', () => {
    it('drops a line, and ends a call', async () => {
      const shell = await ground.start();
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
      const shell = await ground.start({ afterwards: 'stty -a' });
      leave(shell);
      await shell.shows(status);
      await shell.shows('echok');
      expect(cooked(shell.screen.everything).sort()).toEqual(['echo', 'icanon', 'isig']);
      expect(shell.screen.modes).toEqual(new Set());
    });

    it('is handed to the pager, and taken back', async () => {
      const shell = await ground.start({
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
      const shell = await ground.start();
      process.kill(shell.pid, 'SIGTERM');
      expect(await shell.ended()).toBe(143);
      expect(shell.screen.modes).toEqual(new Set());
      const other = await ground.start();
      const { pid } = other;
      await other.close();
      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 10_000);
    });
  });

  it('is as the documentation shows it', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
    const [, session = ''] = /```text\n(\/> [^]*?)```/.exec(page) ?? [];
    const shell = await ground.start();
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
});
