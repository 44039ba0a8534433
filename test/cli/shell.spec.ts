import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type CliOptions, type Ended, endOf, startCli } from './support/run-cli.js';
import { ShellGround } from './support/shell-ground.js';
import { SHELL_PROBE } from './support/shell-probe.js';

const ground = new ShellGround();
const sh = (words: readonly string[], more?: CliOptions): Promise<Ended> => ground.run(words, more);
const line = (text: string, ...flags: string[]): Promise<Ended> => ground.line(text, ...flags);
const answer = (text: string): Promise<unknown> => ground.answer(text);
const ACTING = /\p{Cc}(?<!\n)/u;

beforeEach(async () => {
  await line('probe seen');
});

describe('a line', () => {
  it.each<[string, Partial<Ended>]>([
    ['probe add 2 3', { status: 0, stdout: '5\n', stderr: '' }],
    ['/probe add a=2 b=3', { status: 0, stdout: '5\n' }],
    ['probe add $(probe add 1 1) 3', { status: 0, stdout: '5\n' }],
    ['set x = 2; probe add $x 3', { status: 0, stdout: '5\n' }],
    ['set x=2; probe add $x 3', { status: 0, stdout: '5\n' }],
    ['probe; add 2 3', { status: 0, stdout: '5\n' }],
    ['probe add 2 x', { status: 1, stdout: '' }],
    ['nosuch', { status: 2, stdout: '', stderr: 'There is no "nosuch"\n' }],
    ['probe add 2', { status: 2, stdout: '', stderr: 'probe.add needs b (integer)\n' }],
    ['probe add 2 3 4', { status: 2, stdout: '' }],
    ['probe add 2 c=3', { status: 2, stdout: '' }],
    ['probe fail', { status: 1, stderr: 'EBUSY: The disk is busy\n' }],
    ['call probe.for_admins', { status: 0, stdout: '', stderr: '' }],
    ['exit 9', { status: 9, stdout: '', stderr: '' }],
    ['false || exit 3; exit 4', { status: 3 }],
    ['echo $nosuch', { status: 2, stderr: 'There is no variable $nosuch\n' }],
    ['probe item n99 show', { status: 1, stderr: 'There is no probe.item "n99"\n' }],
    ['probe add 2 3 | search a=1', { status: 2, stdout: '' }],
    ['probe item show | nosuch', { status: 2, stdout: '' }],
    ['probe list_plain | limit x', { status: 2, stdout: '' }],
    ['probe echo 1e400', { status: 0, stdout: '1e400\n' }],
    ['set x = probe exact; probe echo $x.nested.0.a', { status: 0, stdout: '1\n' }],
    ['probe item show | limit 2 | each { echo $it.name }', { stdout: '[\n  "n0",\n  "n1"\n]\n' }],
    ['set x = probe exact; echo "$x.int" | grep .int', { status: 0 }],
    ['logs x', { status: 2, stdout: '', stderr: '"x" is no number of a task\n' }],
    ['probe item show tags~=x', { status: 2, stderr: 'tags is a list: tags contains VALUE\n' }],
  ])('%s', async (text, wanted) => {
    expect(await line(text)).toMatchObject(wanted);
  });

  it('names the argument that does not fit, and where it stands, and sends nothing', async () => {
    const { status, stderr } = await line('probe add 2 x');
    expect([status, stderr]).toEqual([
      1,
      'EINVAL: Invalid arguments\nb: must be integer (column 13)\n',
    ]);
    expect(await answer('probe seen')).toEqual([]);
  });

  it('suggests what was probably meant', async () => {
    expect((await line('probe ad 2 3')).stderr).toBe(
      'There is no "ad" in /probe, did you mean "add"?\n',
    );
    expect((await line('probe add 2 bb=3')).stderr).toMatch(
      /has no argument "bb", did you mean "b"/,
    );
    expect((await line('probe item show | serch uid=1')).stderr).toMatch(/did you mean "search"/);
    expect((await line('probe item show | search uidd=1')).stderr).toMatch(/did you mean "uid"/);
  });

  it('sees what a plugin has brought since the tree was kept', async () => {
    await line('probe add 1 1');
    await ground.server.write({ 'late.ts': SHELL_PROBE.replaceAll("'probe", "'late") });
    const client = await ground.server.admin();
    await client.result('management.reload_plugins', ['late']);
    expect(await line('late add 2 3')).toMatchObject({ status: 0, stdout: '5\n' });
  });
});

describe('rows', () => {
  it('are asked for in one query, with all of the stages that it can have', async () => {
    expect(await answer('probe item show uid>10 | sort -uid | limit 2 | select uid')).toEqual([
      19, 18,
    ]);
    const params = { sort: ['-uid'], limit: 2, select: 'uid' };
    expect(await answer('probe seen')).toEqual([[[['uid', '>', 10]], params]]);
  });

  it('are filtered here behind a limit, and explain says so', async () => {
    expect(await answer('probe item show | limit 5 | search uid>10')).toEqual([]);
    expect(await answer('probe item show | limit 5 | search uid>=3 | select name')).toEqual([
      'n3',
      'n4',
    ]);
    await line('probe seen');
    expect(await answer('explain probe item show uid<3 | limit 5 | search uid>10')).toEqual([
      { where: 'server-side', what: 'probe.item.query [["uid","<",3]] {"limit":5}' },
      { where: 'client-side', what: 'search [["uid",">",10]]' },
    ]);
    expect(await answer('probe seen')).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['probe list_plain | search n==1', [{ n: 1, name: 'n1' }]],
    ['probe list_plain | exclude n<18 | select name', ['n18', 'n19']],
    ['probe list_plain | find n=3 | get name', 'n3'],
    ['probe list_plain | tail 1', [{ n: 19, name: 'n19' }]],
    ['probe list_plain | sort -n | head 2 | select n', [19, 18]],
    ['probe item show uid in [1, 2] | count', 2],
    ['probe item show at<1970-01-03T00:00Z | select uid', [0, 1]],
    ['probe item show tags contains x | count', 20],
    ['probe item show name~="^n1" name!~=0 | count', 10],
    [
      'probe item show | exclude uid>1 | select uid,name',
      [
        { uid: 0, name: 'n0' },
        { uid: 1, name: 'n1' },
      ],
    ],
    ['probe item show name,uid | limit 1', [{ name: 'n0', uid: 0 }]],
    ['probe item show | search at>=1970-01-20T00:00Z | select uid', [19]],
    ['probe item show | offset 18 | select uid', [18, 19]],
    ['probe many 5 | search n>3', [{ n: 4, name: 'row 4' }]],
    ['probe item show | limit 2 | each { probe add $it 1 }', null],
    ['probe item show | select uid | limit 2 | each { probe add $it 1 }', [1, 2]],
    ['probe item show | group tags', [{ tags: ['x'], count: 20 }]],
    ['probe item show | uniq tags | count', 1],
    ['[3, 1, 2] | count', 3],
  ])('%s', async (text, wanted) => {
    if (wanted === null) expect((await line(text)).status).toBe(1);
    else expect(await answer(text)).toEqual(wanted);
  });

  it('have exact values under the names of their properties', async () => {
    expect(await answer('probe exact')).toEqual({
      int: 7,
      none: null,
      text: '1',
      long: { $long: String(2n ** 60n) },
      at: { $date: '1970-01-01T00:00:00.000Z' },
      nested: [{ a: 1 }],
    });
    expect(await answer('probe echo $(probe exact)')).toEqual(await answer('probe exact'));
  });

  it.each<[string, string]>([
    ['json', '[\n  {\n    "n": 0,\n    "name": "n0"\n  }\n]\n'],
    ['ndjson', '{"n":0,"name":"n0"}\n'],
    ['csv', 'n,name\r\n0,n0\r\n'],
    ['yaml', '- n: 0\n  name: n0\n'],
    ['md', '| n | name |\n| --- | --- |\n| 0 | n0 |\n'],
    ['table', 'N  NAME\n0  n0\n'],
  ])('can be written as %s', async (format, text) => {
    expect((await line(`probe list_plain | limit 1 | to ${format}`)).stdout).toBe(text);
  });

  it('come as they are made, and no more of them than are wanted', async () => {
    expect(await answer('probe many 1000000000 | limit 2 | select n')).toEqual([0, 1]);
    const { stdout } = await line('probe many 2500', '--json');
    expect((JSON.parse(stdout) as unknown[]).length).toBe(2500);
    expect((await line('probe many 1500 | grep "row 1499"', '--ndjson')).stdout).toBe(
      '{"n":1499,"name":"row 1499"}\n',
    );
  });

  it('go to files, and to none with --no-files', async () => {
    const path = join(ground.folder, 'rows.json');
    await line(`probe list_plain | limit 1 | select n > '${path}'`);
    await line(`probe add 1 1 >> '${path}'`);
    expect(readFileSync(path, 'utf8')).toBe('[\n  0\n]\n2\n');
    for (const text of [
      `probe add 1 1 > ${path}x`,
      `probe add 1 1 | save ${path}x`,
      `source ${path}`,
    ]) {
      expect(await line(text, '--no-files')).toMatchObject({ status: 2, stdout: '' });
    }
    expect((await line('probe add 1 1 > /no/such/folder')).stderr).toMatch(
      /cannot be written: ENOENT/,
    );
  });
});

describe('an entity', () => {
  it('shows at once what was made, changed and deleted', async () => {
    const text = `
      probe item create name=k1 tags=a,b
      probe item k1 show | get tags
      probe item k1 set tags+=c
      probe item k1 set tags-=a uid=7
      probe item k1 get tags
      probe item k1 get uid
      probe item k1 rename k2
      /probe item k2
      set uid=8
      get uid
      ..
      k2 delete
      show name=k2 | count`;
    const { status, stdout, stderr } = await sh(['--ndjson'], { input: text });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual(['"k1"', '"a"', '"b"', '"b"', '"c"', '7', '8', '0', '']);
  });

  it('is not touched by a value that does not fit, nor by one that is missing', async () => {
    expect(await line('probe item n1 set uid=abc')).toMatchObject({
      status: 1,
      stderr: 'EINVAL: Invalid arguments\nuid: must be integer\n',
    });
    expect(await line('probe item create')).toMatchObject({
      status: 2,
      stderr: 'task probe.item.create needs name (text)\n',
    });
    expect(await line('probe item n1 set nosuch=1')).toMatchObject({ status: 2 });
    expect(await line('probe item n1 set uid+=1')).toMatchObject({ status: 2 });
    expect(JSON.stringify(await answer('probe seen'))).not.toContain('update');
  });

  it('tells what would change, and changes nothing', async () => {
    const { status, stdout } = await line('plan probe item n1 set uid=5 tags=x', '--json');
    expect([status, JSON.parse(stdout)]).toEqual([7, [{ property: 'uid', from: 1, to: 5 }]]);
    expect(await line('plan probe item n1 set uid=1')).toMatchObject({ status: 0 });
    const task = await line('plan probe slow 1', '--json');
    expect(task.status).toBe(7);
    expect(JSON.parse(task.stdout)).toMatchObject({
      task: 'probe.slow',
      resources: [],
    });
    expect(await answer('probe item n1 get uid')).toBe(1);
  });
});

describe('tasks', () => {
  it('are followed to their end, or left with &', async () => {
    expect(await answer('probe slow 0.01')).toEqual({ slept: 0.01 });
    expect(await line('probe slow 0.01 &; jobs | count; wait; jobs | count')).toMatchObject({
      status: 0,
      stdout: '1\n0\n',
    });
    expect(await line('probe fail &; wait')).toMatchObject({ status: 1, stderr: /EBUSY/ });
  });

  it('are collected and submitted in order, up to the first that fails', async () => {
    const text =
      'begin; probe item create name=c1; probe item create name=c2; compare | count; commit; probe item show name~="^c" | count';
    expect(await line(text)).toMatchObject({
      status: 0,
      stdout: '2\n2\n',
    });
    const failing = await line('begin; probe fail; probe item create name=c3; commit');
    expect(failing.status).toBe(1);
    expect(failing.stderr).toMatch(/0 done, probe.fail failed, 1 not begun/);
    expect(
      await line('begin; probe item create name=c4; discard; probe item show name=c4 | count'),
    ).toMatchObject({
      stdout: '0\n',
    });
  });

  it('are aborted by ^C, as by submit of dispatcherctl', async () => {
    const child = startCli(['-e', 'probe slow 30'], ground.options());
    await vi.waitFor(async () => {
      expect(await answer('task show state=EXECUTING name=probe.slow | count')).toBe(1);
    }, 20_000);
    child.kill('SIGINT');
    expect(await endOf(child)).toMatchObject({ status: 130 });
    expect(await answer('task show state=EXECUTING name=probe.slow | count')).toBe(0);
  });
});

describe('events', () => {
  it('are printed line by line', async () => {
    const child = startCli(['-e', "watch 'probe.*' --count 2 --json"], ground.options());
    const emitting = setInterval(() => void line('emit probe.tick n=1'), 300);
    const { status, stdout } = await endOf(child).finally(() => clearInterval(emitting));
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one) as object);
    expect([status, events.length]).toEqual([0, 2]);
    expect(events[0]).toMatchObject({ name: 'probe.tick', args: { n: 1 } });
  });
});

describe('rows that go on', () => {
  it('are shown as they come, and the rest when it comes', async () => {
    for (const form of ['--json', '--ndjson', '--table', '--yaml', '--csv']) {
      const child = startCli(['-e', 'probe trickle', form], ground.options());
      let seen = '';
      child.stdout!.setEncoding('utf8');
      for await (const text of child.stdout!) {
        seen += String(text);
        if (!seen.includes('second') && seen.includes('first')) await line('probe drip');
      }
      expect([form, seen.includes('first'), seen.includes('second')]).toEqual([form, true, true]);
      if (form === '--json') expect(JSON.parse(seen)).toHaveLength(2);
    }
  });
});

describe('a question mark', () => {
  it('behind a place or a command asks for help on it, and carries nothing out', async () => {
    for (const text of ['probe add ?', '/probe add ?', 'probe add 1 ?']) {
      const { status, stdout } = await line(text);
      expect([text, status]).toEqual([text, 0]);
      expect(stdout).toContain('Adds two numbers');
    }
    expect((await line('probe ?')).stdout).toContain('add');
    expect((await line("probe echo '?'")).stdout).toBe('?\n');
    expect(await answer('probe seen')).toEqual([]);
  });
});

describe('a word', () => {
  it('is text where no schema says otherwise, whatever it reminds of', async () => {
    const words = [
      '10.0.0.1/24',
      '-',
      'rwxr-x---',
      ':2',
      '/dev/ada0',
      'fe80::1%em0',
      '4GiB',
      '12:30',
      '*.log',
      '~',
      'a=',
      'x++',
    ];
    expect(await line(words.map((word) => `probe echo value=${word}`).join('; '))).toEqual({
      status: 0,
      stdout: words.map((word) => `${word}\n`).join(''),
      stderr: '',
    });
  });

  it('of no meaning is refused, and nothing is done', async () => {
    for (const [text, wanted] of [
      ['break', /no .*break/i],
      ['probe add 1 2; x++', /x\+\+/],
      ['probe item show uid ~~ 3', /~~/],
    ] as const) {
      const { status, stderr } = await line(text);
      expect([text, status]).toEqual([text, 2]);
      expect(stderr).toMatch(wanted);
    }
  });
});

describe('a secret', () => {
  it('is no option, and in no message', async () => {
    const { status, stdout, stderr } = await ground.run(['-p', 's3cr3t', '-e', 'probe add 1 1']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('s3cr3t');
    const asked = await line('probe login password=s3cr3t size=big');
    expect(asked.status).toBe(1);
    expect(asked.stderr).toMatch(/size/);
    expect(asked.stderr + asked.stdout).not.toContain('s3cr3t');
    const dry = await ground.run(['--dry-run', '-e', 'probe item create name=z secret=s3cr3t']);
    expect(dry.stdout).toMatch(/^submit probe\.item\.create/m);
    expect(dry.stdout).not.toContain('s3cr3t');
  });
});

describe('the output', () => {
  it('has no escape sequence where there is no terminal, whatever the surroundings want', async () => {
    for (const env of [{ NO_COLOR: '1' }, { FORCE_COLOR: '1', TERM: 'xterm-256color' }, {}]) {
      for (const words of [
        ['-e', 'probe list_plain', '--table'],
        ['-e', 'help; help probe'],
        ['-e', 'nosuch'],
      ]) {
        const { stdout, stderr } = await ground.run(words, { env });
        if (!('FORCE_COLOR' in env)) expect(stdout + stderr).not.toContain('\x1b');
      }
    }
  });

  it('acts on no terminal', async () => {
    const { stdout } = await line('probe hostile', '--table');
    expect(stdout).toContain('\\x1b]0;owned\\x07');
    for (const format of ['json', 'yaml', 'csv', 'ndjson', 'table']) {
      const { stdout: text } = await line('probe hostile', `--${format}`);
      // a file that is read by a program has the text as it is
      if (format !== 'csv') expect(text).not.toMatch(ACTING);
    }
  });

  it('ends quietly when nobody reads it any more', async () => {
    const child = startCli(['-e', 'probe many 1000000', '--ndjson'], ground.options());
    child.stdout!.once('data', () => child.stdout!.destroy());
    const [status] = await new Promise<[number | null]>((done) =>
      child.once('exit', (code) => done([code])),
    );
    expect(status).toBe(141);
  });

  it('keeps to one form', async () => {
    expect(await line('probe add 1 2', '--json', '--csv')).toMatchObject({ status: 2, stdout: '' });
  });
});
