import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HEAD } from './support/plugin-ground.js';
import { noTerminal } from './support/run-cli.js';
import { KEY, type ShellTerminal } from './support/shell-terminal.js';
import { TerminalGround } from './support/terminal-ground.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PLUGIN = `${HEAD}
@description('Things to try') @namespace('tools')
class Tools extends Namespace {
  @description('Takes one of the items') @command() @accepts(h.object({ item: h.string({ description: 'Which' }), kind: h.optional(h.enumOf(['hot', 'cold'])) }))
  take({ item }: { item: string }) { return 'took ' + item; }
  @completes('item') items(prefix: string) { return this.client.call('probe.item.query', [[], { select: 'name' }]); }
  @command() @params('name') @accepts(h.string()) slow(name: string) { return name; }
  @completes('name') never() { return new Promise(() => {}); }
  @command() @params('evil') @accepts(h.string()) change(evil: string) { return evil; }
  @completes('evil') changes() { return this.client.call('probe.add', [1, 2]); }
  @command() @params('loop') @accepts(h.string()) spin(loop: string) { return loop; }
  @completes('loop') spins() { for (;;) {} }
  @command() @accepts() deaf({ output }: CommandContext) { output.write('is deaf\\n'); return new Promise(() => {}); }
  @command() @accepts() prints() { console.log('printed \\x1b[2J'); setTimeout(() => { console.log('printed later'); }, 300); return 'answer'; }
  @command() @accepts() drops() { setTimeout(() => { throw new Error('dropped'); }, 300); return 'ok'; }
  @command() @accepts() async keys({ output }: CommandContext) {
    output.show(['press', 'a key']);
    const key = await new Promise<string>((go) => output.onKey(go));
    output.show(['pressed ' + key]);
    return null;
  }
  @command() @accepts() progressing({ progress }: CommandContext) { progress(50, 'half \\x1b[2J way'); return new Promise(() => {}); }
}
@stage('numbered') @accepts(h.enumOf(['up', 'down']))
class Numbered extends Stage { async *run(_: string, { rows }: StageContext) { let n = 0; for await (const row of rows) yield { n: n++ }; } }
export default new CliPlugin({
  namespaces: [Tools], stages: [Numbered],
  completers: { 'probe.add': { a: () => [{ value: '17', description: 'of a plugin' }, { value: '1\\x1b[2J8' }] } },
  notices: { 'probe.tick': ({ args }) => 'tick of a plugin' },
});
`;

const title = `plugins on a terminal${noTerminal === null ? '' : ` (${noTerminal})`}`;

describe.skipIf(noTerminal !== null)(title, () => {
  const ground = new TerminalGround();
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dispatcher-cli-plugins-'));
    mkdirSync(join(folder, 'plugins'));
    writeFileSync(join(folder, 'plugins', 'mine.ts'), PLUGIN);
    const cli = { 'plugin-dirs': [join(folder, 'plugins')] };
    writeFileSync(join(folder, 'middleware.conf'), JSON.stringify({ cli }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const start = (): Promise<ShellTerminal> =>
    ground.start({ env: { DISPATCHER_CONFIG: join(folder, 'middleware.conf') } });
  const clear = (shell: ShellTerminal): void => shell.type('\x15');

  it('are completed: words, arguments, and the values that they say', async () => {
    const shell = await start();
    shell.type(`too${KEY.tab}`);
    await shell.prompt('/', 'tools ');
    shell.type(`ta${KEY.tab}`);
    await shell.prompt('/', 'tools take ');
    shell.type(KEY.tab);
    await shell.shows(/item= +text, required . Which/);
    await shell.shows(/^n1\b/m);
    clear(shell);
    shell.type(`tools take item=ot${KEY.tab}`);
    await shell.prompt('/', 'tools take item=other ');
    shell.type(`kind=h${KEY.tab}`);
    await shell.prompt('/', 'tools take item=other kind=hot ');
    clear(shell);
    shell.type(`probe add 1${KEY.tab}`);
    await shell.prompt('/', 'probe add 17 ');
    clear(shell);
    shell.type(`probe item show | numb${KEY.tab}`);
    await shell.prompt('/', 'probe item show | numbered ');
    shell.type(`d${KEY.tab}`);
    await shell.prompt('/', 'probe item show | numbered down ');
    const seen = await ground.client.result('probe.seen');
    expect(new Set(seen as string[])).toEqual(new Set(['query']));
  });

  it('that hang while they complete, or would change something, hold up nobody', async () => {
    const shell = await start();
    for (const [text, name] of [
      ['slow', 'name'],
      ['spin', 'loop'],
      ['change', 'evil'],
    ] as const) {
      const began = performance.now();
      shell.type(`tools ${text} ${KEY.tab}`);
      // the name of the argument is the one thing that can stand there
      await shell.prompt('/', `tools ${text} ${name}=`);
      shell.type('x');
      await shell.prompt('/', `tools ${text} ${name}=x`);
      expect(performance.now() - began).toBeLessThan(5_000);
      clear(shell);
      await shell.prompt();
    }
    expect(await ground.client.result('probe.seen')).toEqual([]);
  });

  it('print above what is being typed, and end at ^C', async () => {
    const shell = await start();
    shell.line('tools prints');
    await shell.shows(/^answer$/m);
    shell.type('probe ad');
    await shell.shows(/^plugin mine: printed later$/m);
    await shell.prompt('/', 'probe ad');
    await shell.shows('plugin mine: printed \\x1b[2J');
    clear(shell);
    shell.line('tools drops');
    await shell.shows(/^plugin mine: dropped$/m);
    shell.line('tools progressing');
    await shell.shows('[#####     ] 50 % half \\x1b[2J way');
    shell.type(KEY.interrupt);
    await shell.prompt();
    shell.line('tools deaf');
    await shell.shows(/^is deaf$/m);
    shell.type(KEY.interrupt);
    await shell.prompt();
    shell.line('echo $?');
    await shell.shows(/^130$/m);
  });

  it('hear keys, and what is typed later is a line again', async () => {
    const shell = await start();
    shell.line('tools keys');
    await shell.shows(/^a key$/m);
    shell.type('z');
    await shell.shows(/^pressed z$/m);
    expect(shell.screen.everything).not.toMatch(/^a key$/m);
    await shell.prompt();
    shell.line('system top 0.2');
    await shell.shows(/^Memory +\[#/m);
    shell.type('q');
    await shell.prompt();
    shell.line('system top');
    await shell.shows(/^Tasks +\d/m);
    shell.type(KEY.interrupt);
    await shell.prompt();
  });

  it('say what is shown of an event, share the history, and leave the terminal as it was', async () => {
    const shell = await start();
    const other = await start();
    shell.line("notify 'probe.*'");
    shell.line('notify');
    await shell.shows(/^probe\.\*$/m);
    other.line('emit probe.tick');
    await shell.shows(/^tick of a plugin$/m);
    other.line('tools take n1');
    await other.shows(/^took n1$/m);
    shell.line('tools take n2');
    await shell.shows(/^took n2$/m);
    const lines = readFileSync(join(ground.folder, 'state/dispatcher/history'), 'utf8');
    expect(lines).toContain('tools take n1\n');
    expect(lines).toContain('tools take n2\n');
    shell.line('exit 3');
    expect(await shell.ended()).toBe(3);
    expect([...shell.screen.modes]).toEqual([]);
  });
});
