import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CliOptions, Ended } from './support/run-cli.js';
import { ShellGround } from './support/shell-ground.js';

const ground = new ShellGround();
const sh = (words: readonly string[], more?: CliOptions): Promise<Ended> => ground.run(words, more);
const line = (text: string, ...flags: string[]): Promise<Ended> => ground.line(text, ...flags);
const answer = (text: string): Promise<unknown> => ground.answer(text);
const file = (name: string, content: string): string => ground.file(name, content);

describe('a script', () => {
  it('ends with the first line that fails, and says where', async () => {
    const path = file('script', 'probe add 1 1\nprobe add 1 x\nprobe add 2 2\n');
    const { status, stdout, stderr } = await sh(['-f', path]);
    expect([status, stdout]).toEqual([1, '2\n']);
    expect(stderr).toMatch(/script:2:1: EINVAL/);
    const going = file('going', 'probe add 1 1\nprobe add 1 x || true\nprobe add 2 2\n');
    expect(await sh([going])).toMatchObject({ status: 0, stdout: '2\n4\n' });
  });

  it.each(['a file', 'the standard input'])(
    'has blocks over several lines, from %s',
    async (from) => {
      const text =
        'for n in [1, 2] {\n  if $n == 2 {\n    probe add $n $n\n  } else {\n    echo one\n  }\n}\n';
      const end = from === 'a file' ? sh(['-f', file('blocks', text)]) : sh([], { input: text });
      expect(await end).toEqual({ status: 0, stdout: 'one\n4\n', stderr: '' });
    },
  );

  it('with an open block is not begun, and nobody waits for the rest', async () => {
    const text = 'probe add 1 1\nfor n in [1, 2] {\n';
    expect(await sh(['-f', '-'], { input: text })).toMatchObject({ status: 2, stdout: '' });
    expect(
      await sh(['-f', file('open', text)], { env: { DISPATCHER_URL: 'ws://127.0.0.1:1' } }),
    ).toMatchObject({
      status: 2,
      stderr: /open:2:16: /,
    });
  });

  it('goes on behind try, and knows what went wrong', async () => {
    const text = 'try { probe add 1 x }\necho $?\necho "$error"\nprobe add 1 1';
    const { status, stdout } = await sh([], { input: text });
    const [code, error, sum] = stdout.split('\n');
    expect([status, code, sum]).toEqual([0, '1', '2']);
    expect(JSON.parse(error ?? '')).toMatchObject({ status: 1, code: 'EINVAL' });
  });

  it('says what it would do, and does not', async () => {
    const text =
      'probe item create name=d1 secret=s3cr3t; probe item n1 set uid=7; probe add 1 1; probe item show | count';
    const { status, stdout } = await line(text, '--dry-run');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'submit probe.item.create [{"name":"d1","secret":{"$password":"<hidden>"}}]',
      'submit probe.item.update ["n1",{"uid":7}]',
      'call probe.add [1,1]',
    ]);
    expect(stdout).not.toContain('s3cr3t');
    expect(await answer('probe item show name=d1 | count')).toBe(0);
  });

  it('runs others, and their variables and places are its own', async () => {
    const inner = file('inner', 'set x = 5\nprobe\n');
    expect(await line(`source '${inner}'; add $x 1`)).toMatchObject({ status: 0, stdout: '6\n' });
    const endless = file('endless', `source '${join(ground.folder, 'endless')}'\n`);
    expect(await line(`source '${endless}'`)).toMatchObject({
      status: 2,
      stderr: /nested too deeply/,
    });
  });

  it('makes anew what another has dumped', async () => {
    const rows = 'probe item show name,uid,tags | sort name';
    const names = await line(`probe item create name="a \\$x \\"q\\" '" uid=5 tags=['a b', 'c,d']`);
    expect(names.status).toBe(0);
    const before = await answer(rows);
    const { stdout } = await line('dump probe item');
    expect(stdout).toContain('  # without secret\n');
    await line('probe item show | select name | each { /probe item $it delete }');
    expect(await answer('probe item show | count')).toBe(0);
    expect(await sh(['-f', '-'], { input: stdout })).toMatchObject({ status: 0, stderr: '' });
    expect(await answer(rows)).toEqual(before);
  });

  it('has names for lines', async () => {
    expect(await line("alias two='probe add 1 1'; two")).toMatchObject({ stdout: '2\n' });
    expect(await line("alias first='probe list_plain | limit 3'; first | count")).toMatchObject({
      stdout: '3\n',
    });
    expect(await line("alias me='me'; me")).toMatchObject({ status: 2, stderr: /leads to itself/ });
  });

  it('ends when nobody is there', async () => {
    const { status, stderr } = await sh(['-e', 'probe add 1 1'], {
      env: { DISPATCHER_URL: 'ws://127.0.0.1:1' },
    });
    expect(status).toBe(4);
    expect(stderr).toBe(
      'dispatcher-cli: Cannot connect to ws://127.0.0.1:1/socket: nobody listens there\n',
    );
  });
});

describe('many pipes in one session', () => {
  it('grow nothing', async () => {
    const watcher = file(
      'heap.mjs',
      `const write = process.stdout.write.bind(process.stdout);
      process.stdout.write = (chunk, ...more) => {
        if (String(chunk) === 'mark\\n') { gc(); process.stderr.write(process.memoryUsage().heapUsed + '\\n'); }
        return write(chunk, ...more);
      };`,
    );
    const pipes = (count: number): string =>
      `for n in $(probe many ${count} | select n) { probe list_plain | search n=$n | limit 1 | count | to json | grep nothing }\necho mark\n`;
    const { status, stderr } = await sh(['-f', '-'], {
      input: pipes(500) + pipes(2_000),
      nodeFlags: ['--expose-gc', '--import', watcher],
    });
    expect(status).toBe(0);
    const [before = 0, after = 0] = stderr.trimEnd().split('\n').map(Number);
    expect(before).toBeGreaterThan(1_000_000);
    expect((after - before) / 2 ** 20).toBeLessThan(5);
  });
});
