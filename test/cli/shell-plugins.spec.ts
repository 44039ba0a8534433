import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GOOD } from './support/good-plugin.js';
import { HEAD, PluginFolder } from './support/plugin-ground.js';
import { endOf, startCli } from './support/run-cli.js';
import { ShellGround } from './support/shell-ground.js';

const ground = new ShellGround();

const THROWS = `throw new Error('no luck');`;
const BROKEN = `export default (;`;

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const plugins = (files: Readonly<Record<string, string>>, cli: object = {}) => {
  const folder = new PluginFolder(ground, files, cli as Record<string, unknown>);
  const run = (text: string, ...flags: string[]): Promise<Run> =>
    ground.run(['-e', text, ...flags], { env: folder.env });
  return { folder, run };
};

describe('a folder of plugins', () => {
  it('with a good, a throwing and a broken one: two warnings, and the good one works', async () => {
    const { run, folder } = plugins({ 'good.ts': GOOD, 'throws.ts': THROWS, 'broken.ts': BROKEN });
    const { status, stdout, stderr } = await run('tools add 2; plugins', '--json');
    const warnings = stderr.trimEnd().split('\n').sort();
    expect(warnings).toEqual([
      expect.stringMatching(/^plugin broken: Expression expected .*broken\.ts:1:17\)$/),
      'plugin throws: no luck (throws.ts:1:1)',
    ]);
    expect(status).toBe(0);
    expect(stdout.startsWith('42\n')).toBe(true);
    const rows = JSON.parse(stdout.slice(3)) as readonly Record<string, string>[];
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['backup', 'loaded'],
      ['top', 'loaded'],
      ['good', 'loaded'],
      ['broken', 'broken'],
      ['throws', 'failed'],
    ]);
    expect(rows.find(({ name }) => name === 'good')).toMatchObject({
      about: 'For tests',
      from: join(folder.path, 'good.ts'),
    });
  });

  it('that is no list is a mistake in the configuration', async () => {
    const folder = new PluginFolder(ground, {}, { 'plugin-dirs': '/somewhere' });
    const { status, stdout, stderr } = await ground.run(['-e', 'true'], { env: folder.env });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/cli\.plugin-dirs.*array/);
  });

  it('that is not there is told of, and nothing else is wrong', async () => {
    const { run } = plugins({}, { 'plugin-dirs': ['/nowhere/at/all'] });
    const { status, stdout, stderr } = await run('probe add 1 2');
    expect([status, stdout]).toEqual([0, '3\n']);
    expect(stderr).toMatch(/^Plugin directory \/nowhere\/at\/all cannot be read: .*\n$/);
  });

  it('whose files lie: each is a line that says how, and the shell works', async () => {
    const { run } = plugins({
      'a-hangs.ts': `for (;;) {}`,
      'b-number.ts': `export default 7;`,
      'c-part.ts': `${HEAD} export default new CliPlugin({ comands: [] } as any);`,
      'd-list.ts': `${HEAD} export default new CliPlugin({ namespaces: {} } as any);`,
      'e-shadows.ts': `${HEAD} @namespace('probe') class P extends Namespace { @command() @accepts() add() {} }\n export default new CliPlugin({ namespaces: [P] });`,
      'f-exit.ts': `${HEAD} @command({ name: 'exit' }) @accepts() class E extends Command { run() {} }\n export default new CliPlugin({ commands: [E] });`,
      'g-twice.ts': `${HEAD} @command({ name: 'x' }) @accepts() class E extends Command { run() {} }\n export default new CliPlugin({ commands: [E, E] });`,
      'h-needs.ts': `${HEAD} export default new CliPlugin({ depends: ['nobody'] });`,
      'i-ends.ts': `process.exit(0);`,
      'j-stage.ts': `${HEAD} @stage('sort') @accepts() class S extends Stage { run() {} }\n export default new CliPlugin({ stages: [S] });`,
      'k-show.ts': `${HEAD} @command({ name: 'show', in: 'probe.item' }) @accepts() class E extends Command { run() {} }\n export default new CliPlugin({ commands: [E] });`,
      'l-login.ts': `${HEAD} export default new CliPlugin({ onLogin: () => new Promise(() => {}) });`,
      'm-late.ts': `${HEAD} export default new CliPlugin({ onLogin: () => { throw new Error('no\\x1b[2Jlogin'); } });`,
      'backup.ts': `${HEAD} export default new CliPlugin({});`,
      'n-loop.ts': `${HEAD} export default new CliPlugin({ onLogin: () => { for (;;) {} } });`,
      'o-name.ts': `${HEAD} @command({ name: 'a b' }) @accepts() class E extends Command { run() {} }\n export default new CliPlugin({ commands: [E] });`,
    });
    const { status, stdout, stderr } = await run('probe add 1 2');
    expect([status, stdout]).toEqual([0, '3\n']);
    const lines = stderr.trimEnd().split('\n').sort();
    const wanted = [
      /^plugin a-hangs: it did not come to an end within 3 s/,
      /^plugin b-number: its default export is no CliPlugin/,
      /^plugin backup: a plugin that comes with the shell has this name/,
      /^plugin c-part: there is no comands in a CliPlugin/,
      /^plugin d-list: namespaces is no list: object/,
      /^plugin e-shadows: .*would hide the method probe\.add/,
      /^plugin f-exit: .*would hide the word exit of the shell/,
      /^plugin g-twice: it has the command x twice/,
      /^plugin h-needs: it needs the plugin nobody, which is not there/,
      /^plugin i-ends: A plugin may not end the process/,
      /^plugin j-stage: its stage sort would hide that of the shell/,
      /^plugin k-show: .*would hide show of probe item/,
      /^plugin l-login: it did not come to an end within 3 s/,
      /^plugin m-late: no\\x1b\[2Jlogin/,
      /^plugin n-loop: it did not come to an end within 3 s/,
      /^plugin o-name: "a b" cannot name/,
    ];
    expect(lines.length, stderr).toBe(wanted.length);
    for (const [at, pattern] of wanted.entries()) expect(lines[at]).toMatch(pattern);
  });

  it.runIf(process.geteuid?.() === 0)(
    'that others may write is not loaded by root, nor one with a link out of it',
    async () => {
      const { run, folder } = plugins({ 'good.ts': GOOD });
      folder.chmod(0o666, 'good.ts');
      const told = await run('plugins; tools add 2', '--csv');
      expect(told.status).toBe(2);
      expect(told.stdout).toMatch(/^good,refused,/m);
      expect(told.stderr).toMatch(/^plugins in .*good\.ts is writable by others: none of them/);
      folder.chmod(0o644, 'good.ts');
      expect(await run('tools add 2')).toMatchObject({ status: 0, stdout: '42\n', stderr: '' });
      const elsewhere = join(mkdtempSync(join(ground.folder, 'out-')), 'other.ts');
      writeFileSync(elsewhere, GOOD);
      symlinkSync(elsewhere, join(folder.path, 'other.ts'));
      expect((await run('true')).stderr).toMatch(/other\.ts is a link to somewhere else/);
    },
  );
});

describe('a command of a plugin', () => {
  const { run } = {
    run: (text: string, ...flags: string[]): Promise<Run> =>
      plugins({ 'good.ts': GOOD }).run(text, ...flags),
  };

  it.each<[string, Partial<Run>]>([
    ['tools add 2', { status: 0, stdout: '42\n', stderr: '' }],
    ['tools add a=1 b=2', { status: 0, stdout: '3\n' }],
    ['tools; add 1 2', { status: 0, stdout: '3\n' }],
    ['sum 1 b=1', { status: 0, stdout: '2\n' }],
    ['first', { status: 0, stdout: '["n0"]\n' }],
    ['set x = tools add 1; probe add $x 1', { status: 0, stdout: '42\n' }],
    ['tools numbers | limit 2 | get n | to json', { status: 0, stdout: '[\n  0,\n  1\n]\n' }],
    ['probe item twice 21', { status: 0, stdout: '42\n' }],
    ['tools fails', { status: 42, stdout: '', stderr: 'not today\n' }],
    ['tools fails || true', { status: 0 }],
    ['tools succeeds_wrongly', { status: 1, stderr: 'no success\n' }],
    ['tools refused', { status: 1, stderr: 'ENOENT: Method not found\n' }],
    ['tools add', { status: 2, stdout: '', stderr: 'tools add needs a (integer)\n' }],
    ['tools add 2 c=3', { status: 2, stdout: '' }],
    ['tools weird', { status: 1, stderr: 'plugin good: it threw what nobody can read\n' }],
    ['tools nothing', { status: 1, stderr: 'plugin good: undefined\n' }],
    ['tools gives', { status: 1, stderr: 'plugin good: it gave what is no data: a function\n' }],
    ['tools secret x hunter2 | get length', { status: 0, stdout: '7\n' }],
    ['tools ends', { status: 1, stdout: '' }],
    ['tools ad 1', { status: 2, stderr: 'There is no "ad" in /tools, did you mean "add"?\n' }],
  ])('%s', async (text, wanted) => {
    const told = await run(text);
    const compact = /^\[/.test(wanted.stdout ?? '') && !wanted.stdout?.includes('\n  ');
    const stdout = compact ? `${JSON.stringify(JSON.parse(told.stdout))}\n` : told.stdout;
    expect({ ...told, stdout }).toMatchObject(wanted);
  });

  it('is given what its schemas want, and nothing else', async () => {
    const low = await run('tools add a=-1');
    expect([low.status, low.stdout]).toEqual([1, '']);
    expect(low.stderr).toMatch(/^EINVAL: Invalid arguments\na: must be at least 0/);
    const { stdout } = await run(
      'tools places x 2026-01-31T12:00Z; tools places second=now first=y; tools asks n3',
    );
    expect(stdout).toContain('"isDate": true');
    expect(stdout).toContain('"$date": "2026-01-31T12:00:00.000Z"');
    expect(stdout).toContain('"first": "y"');
    expect(stdout).toContain('"uid": 3');
    const secret = await run('tools secret name=x secret=hunter2', '--json');
    expect(secret.stdout).toContain('<hidden>');
    expect(secret.stdout).not.toContain('hunter2');
  });

  it('that makes a mistake is told with its name and place, without a stack', async () => {
    const { status, stderr } = await run('tools breaks');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^plugin good: Cannot read properties of null.* \(good\.ts:\d+:\d+\)\n$/,
    );
    expect((await run('tools loops')).stderr).toMatch(/^plugin good: it gave what is no data: /);
  });

  it('has no power over the terminal and no part in the answer but what it returns', async () => {
    const hostile = await run('tools hostile; tools writes; echo $(tools prints)', '--json');
    // eslint-disable-next-line no-control-regex -- that is the point
    expect(hostile.stdout + hostile.stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(hostile.stdout).toContain('\\x1b[31mred');
    expect(hostile.stdout).not.toContain('into the answer');
    expect(hostile.stderr).toContain('plugin good: into the answer\nplugin good: \\x1b[2J\n');
    const shout = await run('probe item n1 show | to shout');
    expect(shout.stdout).toContain('"NAME":"N1"');
    expect(shout.stdout).toContain('\\x1b[2J');
  });

  it('that leaves timers behind does not keep the shell, what they throw is one line', async () => {
    const { status, stdout, stderr } = await run('tools leaves');
    expect([status, stdout]).toEqual([0, 'left\n']);
    expect(stderr).toMatch(/^plugin good: much later\n$/);
  });

  it('is not run by plan and in a dry run', async () => {
    expect(await run('tools fails', '--dry-run')).toMatchObject({
      status: 0,
      stdout: 'tools fails []\n',
    });
    const planned = await run('plan tools fails');
    expect(planned.status).toBe(1);
    expect(planned.stderr).toMatch(/Nobody can say what tools fails/);
  });

  it('ends at ^C, also when it does not listen', async () => {
    for (const [text, sign] of [
      ['tools waits', 'waiting'],
      ['tools deaf', 'deaf'],
    ] as const) {
      const { folder } = plugins({ 'good.ts': GOOD });
      const child = startCli(['-e', text], ground.options({ env: folder.env }));
      let seen = '';
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.on('data', (chunk: Buffer) => {
          if (!seen.includes(sign) && (seen += chunk.toString()).includes(sign))
            child.kill('SIGINT');
        });
      }
      expect((await endOf(child)).status).toBe(130);
    }
  });

  it('chooses columns, and is told of in help', async () => {
    const { stdout } = await run('probe item show | limit 1', '--table');
    expect(stdout).toMatch(/^ *uid +name *\n/i);
    const help = (await run('help tools add; help; help | grep numbered; ls')).stdout;
    expect(help).toMatch(/add: tools add\n {2}Adds\n/);
    expect(help).toMatch(/a +integer/);
    expect(help).toContain('Things to try');
    expect(help).toMatch(/numbered +Numbers them/);
  });
});

describe('a stage of a plugin', () => {
  it('works on rows as they come, and asks for no more than is wanted', async () => {
    const { run } = plugins({ 'good.ts': GOOD });
    const told = await run('tools numbers | numbered 5 | limit 2 | select at,n', '--csv');
    expect(told).toMatchObject({ status: 0, stdout: 'at,n\r\n5,0\r\n6,1\r\n' });
    expect(told.stderr).toBe('plugin good: closed\n');
    expect((await run('probe many 3 | numbered | count')).stdout).toBe('3\n');
    expect((await run('explain probe many 3 | numbered 7', '--csv')).stdout).toContain(
      'client-side,numbered [7]',
    );
    expect(await run('true | numbered')).toMatchObject({ status: 2 });
    expect(await run('probe many 3 | numbered x')).toMatchObject({ status: 1 });
  });
});

describe('what takes the place of something', () => {
  it('says so, and the word of the shell is still there with a dot', async () => {
    const { run } = plugins({
      'bold.ts': `${HEAD}
@command({ name: 'exit', override: true }) @accepts() class Exit extends Command { run() { return 'stayed'; } }
@command({ name: 'show', in: 'probe.item', override: true }) @accepts() class Show extends Command { run() { return 'shown'; } }
@namespace('probe') class P extends Namespace { @command({ override: true }) @accepts(h.any()) echo() { return 'mine'; } }
export default new CliPlugin({ namespaces: [P], commands: [Exit, Show] });`,
    });
    const told = await run(
      'exit; probe item show; probe echo 1; call probe.echo 1; .exit 7; echo never',
    );
    expect(told).toMatchObject({ status: 7, stdout: 'stayed\nshown\nmine\n1\n', stderr: '' });
  });
});

describe('the start', () => {
  it('waits for no package that a plugin does not import, and those that it does are the shell’s own', async () => {
    const source = (imports: string, name: string): string => `${HEAD}${imports}
import { createRequire } from 'node:module';
@namespace('${name}')
class Packages extends Namespace {
  @command() loaded() {
    const files = Object.keys(createRequire('/').cache).join('\\n');
    return ['rxjs', 'class-validator', 'libphonenumber-js'].filter((one) => files.includes('node_modules/' + one + '/'));
  }
}
export default new CliPlugin({ namespaces: [Packages] });`;
    const { folder: few } = plugins({ 'few.ts': source('', 'few') });
    expect(await ground.run(['-e', 'few loaded', '--ndjson'], few)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const imports = `import { Injectable } from '@nestjs/common'; import { ModuleRef } from '@nestjs/core';
import { IsString } from 'class-validator'; void [Injectable, ModuleRef, IsString];`;
    const { folder: all } = plugins({ 'all.ts': source(imports, 'all') });
    expect(await ground.run(['-e', 'all loaded', '--ndjson'], all)).toMatchObject({
      status: 0,
      stdout: '"rxjs"\n"class-validator"\n"libphonenumber-js"\n',
      stderr: '',
    });
  });
});

describe('hooks', () => {
  it('are called in the order of depends, and at the end', async () => {
    const hook = (name: string, depends: string): string => `${HEAD}
import { appendFileSync } from 'node:fs';
const note = (text: string) => appendFileSync(process.env.HOOK_LOG!, '${name} ' + text + '\\n');
export default new CliPlugin({ depends: [${depends}],
  async onLogin({ client, tell }) { note(await client.call('probe.echo', ['in'])); tell('${name} is in'); },
  cleanup: () => note('out'),
});`;
    const { folder } = plugins({ 'a.ts': hook('a', `'b'`), 'b.ts': hook('b', '') });
    const log = join(folder.path, '..', 'log');
    const told = await ground.run(['-e', 'true'], { env: { ...folder.env, HOOK_LOG: log } });
    expect(told).toMatchObject({ status: 0, stderr: 'b is in\na is in\n' });
    expect(readFileSync(log, 'utf8').split('\n').slice(0, 2)).toEqual(['b in', 'a in']);
    expect(readFileSync(log, 'utf8')).toContain('a out\n');
  });
});

describe('without a folder of plugins', () => {
  it('nothing of them is loaded for a line that does not speak of them', async () => {
    const loadedBy = async (line: string): Promise<string> => {
      const coverage = mkdtempSync(join(ground.folder, 'coverage-'));
      const told = await ground.run(['-e', line], { env: { NODE_V8_COVERAGE: coverage } });
      expect(told.status, told.stderr).toBe(0);
      const files = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), 'utf8'));
      const results = files.flatMap(
        (text) => (JSON.parse(text) as { result: readonly { url: string }[] }).result,
      );
      return results.map(({ url }) => url).join('\n');
    };
    const ofPlugins = /load-all|shipped|plugin-host|reflect-metadata|swc|class-validator/;
    expect(await loadedBy('probe add 1 2; probe item show | limit 1')).not.toMatch(ofPlugins);
    const loaded = await loadedBy('plugins');
    expect(loaded).toMatch(/load-all/);
    expect(loaded).not.toMatch(/swc|class-validator|@nestjs/);
  });

  it('the shipped ones are there for a line that does', async () => {
    const told = await ground.line('plugins', '--csv');
    expect(told.stdout).toMatch(/^backup,loaded,.*shipped\r\ntop,loaded,/m);
    expect((await ground.line('system top', '--json')).stdout).toContain('"busy_percent"');
    const largest = await ground.line('probe item show | top uid 2 | get uid', '--json');
    expect(JSON.parse(largest.stdout)).toEqual([19, 18]);
    expect((await ground.line('probe item show | top name')).status).toBe(2);
    const folder = new PluginFolder(ground, {}, { 'shipped-plugins': false, 'plugin-dirs': [] });
    const without = await ground.run(['-e', 'system top'], { env: folder.env });
    expect(without.status).toBe(2);
  });

  it('backup does what it says, lists it and does it again', async () => {
    const folder = mkdtempSync(join(ground.folder, 'backup-'));
    const source = join(ground.folder, 'to-keep.txt');
    writeFileSync(source, 'kept');
    const line = `backup run ${source} ${folder}; backup list limit=1; sleep 1; backup repeat`;
    const done = await ground.line(line, '--ndjson');
    expect(done.status, done.stderr).toBe(0);
    const [first = {}, listed, second = {}] = done.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(first).toMatchObject({ bytes: 4, files: 1, digest });
    const { destination } = first;
    expect(readFileSync(String(destination), 'utf8')).toBe('kept');
    expect(listed).toMatchObject({ state: 'FINISHED', source, destination });
    expect(second['digest']).toBe(first['digest']);
    expect(second['destination']).not.toBe(destination);
    expect(existsSync(String(second['destination']))).toBe(true);
    expect((await ground.line('backup repeat 999999')).stderr).toMatch(/Task 999999 is no backup/);
    expect((await ground.line('backup run /nowhere/at/all /tmp')).status).toBe(1);
  });
});
