import { describe, expect, it, vi } from 'vitest';
import { noTerminal } from './support/run-cli.js';
import { KEY } from './support/shell-terminal.js';
import { TerminalGround } from './support/terminal-ground.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const title = `notices on a terminal${noTerminal === null ? '' : ` (${noTerminal})`}`;

describe.skipIf(noTerminal !== null)(title, () => {
  const ground = new TerminalGround();

  it('tell of a warning while the task goes on, and of each once', async () => {
    const shell = await ground.start();
    shell.line('probe warn 3 &');
    await shell.shows(/^Task \d+: warning: Nearly \\x1b\[2J full$/m);
    shell.type('probe ad');
    await shell.prompt('[1] /', 'probe ad');
    await shell.shows(/^Task \d+ \(probe\.warn\) has finished$/m);
    const lines = shell.screen.everything.split('\n');
    const told = lines.filter((line) => line.includes('warning:'));
    expect(told.map((line) => line.replace(/^Task \d+: /, ''))).toEqual([
      'warning: Nearly \\x1b[2J full',
      'warning: Quite full',
    ]);
    await shell.prompt('/', 'probe ad');
  });

  it('tell of events by their masks until that is ended, and never of a flood', async () => {
    const shell = await ground.start();
    shell.line('notify');
    await shell.shows('Nothing is told of: notify MASK');
    shell.line("notify notice.a 'notice.[b]*'");
    shell.line('notify');
    await shell.shows(/^notice\.a notice\.\[b\]\*$/m);
    await shell.prompt();
    shell.type('typed mean');
    shell.type(KEY.left);
    ground.client.send('events', 'event', null, { name: 'notice.a', args: { text: 'one\x1b[2J' } });
    await shell.shows(/notice\.a text=one\\x1b\[2J/);
    await shell.until('the text that is typed', ({ cursor }) => cursor.line === '/> typed mean');
    for (let n = 0; n < 500; n += 1) {
      ground.client.send('events', 'event', null, { name: 'notice.bb', args: { n } });
    }
    await shell.shows(/notice\.bb n=0/);
    shell.type('\x05\x15');
    shell.line('notify off');
    await shell.prompt();
    shell.line('notify');
    await shell.shows(/Nothing is told of[^]*Nothing is told of/);
    // twenty a second, on however slow a machine
    expect(shell.screen.everything.match(/notice\.bb/g)!.length).toBeLessThanOrEqual(200);
  });
});
