import { Errno } from 'dispatcher';
import { memoryConfigStore, runTask } from 'dispatcher/testing';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ExecuteTask } from '../../plugins/system/execute.task.js';
import { ExecuteSettings } from '../../plugins/system/system.settings.js';

/** Runs `arg` where the setting has these entries. */
async function execute(allowed: unknown, arg: object) {
  const configstore = await memoryConfigStore({ 'system.execute.allowed': allowed as never });
  return runTask(ExecuteTask, [{ command: '/usr/bin/env', ...arg }], {
    configstore,
    settings: [ExecuteSettings],
  });
}

const ENV = '/usr/bin/env';
const DANGEROUS = [
  ...['LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'LD_DEBUG_OUTPUT', 'GLIBC_TUNABLES'],
  ...['GCONV_PATH', 'BASH_ENV', 'ENV', 'IFS', 'PATH', 'NODE_OPTIONS', 'PYTHONPATH', 'PERL5LIB'],
  ...['PYTHONSTARTUP', 'PERL5OPT', 'RUBYOPT', 'JAVA_TOOL_OPTIONS', 'GIT_SSH_COMMAND', 'SHELLOPTS'],
];

describe('the environment of a program', () => {
  it.each(DANGEROUS)('R5: never has %s from a caller, whatever the setting names', async (name) => {
    const entry = { command: ENV, environment: [name] };
    expect(await execute([entry], { environment: { [name]: '/tmp/x' } })).toMatchObject({
      hasRun: false,
      error: {
        code: Errno.EINVAL,
        extra: [
          {
            path: [0, 'environment', name],
            message: expect.stringContaining('refused') as unknown,
          },
        ],
      },
    });
  });

  it('R5: has of a caller what the entry names, and nothing where it is a path alone', async () => {
    const environment = { TZ: 'Asia/Tokyo' };
    for (const entry of [ENV, '*', { command: ENV }, { command: ENV, environment: ['tz'] }]) {
      expect(await execute([entry], { environment })).toMatchObject({
        hasRun: false,
        error: { code: Errno.EPERM, message: expect.stringContaining('variable TZ') as unknown },
      });
    }
    const entry = { command: ENV, environment: ['TZ'] };
    const { result } = await execute([entry], { environment });
    const lines = (result as { output: string }).output.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('PATH=')).sort()).toEqual([
      'LANG=C.UTF-8',
      'TZ=Asia/Tokyo',
    ]);
  });

  it('R5: has nothing of the server, not even what Node passes on by itself', async () => {
    vi.stubEnv('NODE_V8_COVERAGE', '/tmp/nowhere');
    vi.stubEnv('LD_BIND_NOW', '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { result } = await execute([ENV], {});
    expect((result as { output: string }).output).not.toMatch(/NODE|LD_/);
  });

  it.each<[string, unknown]>([
    ['A=B', 'x'],
    ['', 'x'],
    ['A\0', 'x'],
    ['A', 'x\0LD_PRELOAD=/tmp/x'],
    ['A', 5],
    ['A', null],
    ['A', 'x'.repeat(131_072)],
    ['A'.repeat(300), 'x'],
    ['BASH_FUNC_ls%%', '() { id; }'],
    ['__proto__', 'x'],
  ])('R5: has no variable %j', async (name, value) => {
    const entry = { command: ENV, environment: ['A', 'A=B', 'A'.repeat(300)] };
    const environment = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}}`) as object;
    const report = await execute([entry], { environment });
    expect(report.hasRun).toBe(false);
    expect([Errno.EINVAL, Errno.EPERM]).toContain(report.error?.code);
  });
});

describe('the arguments, folder and input of a program', () => {
  const echo = (entry: object, args: readonly string[], more: object = {}) =>
    execute([{ command: '/bin/echo', ...entry }], {
      command: '/bin/echo',
      arguments: args,
      ...more,
    });

  it.each<[unknown, readonly string[], boolean]>([
    ['-p|-s', ['-p', '-s'], true],
    ['-p|-s', ['-p', '-px'], false],
    ['-p|-s', ['x-s'], false],
    ['[a-z]+', ['abc\n'], false],
    ['[a-z]+', [], true],
    [[], [], true],
    [[], ['x'], false],
    [['-a', '/srv/[a-z]+'], ['-a', '/srv/media'], true],
    [['-a', '/srv/[a-z]+'], ['/srv/media', '-a'], false],
    [['-a', '/srv/[a-z]+'], ['-a', '/srv/media', '--rsh=sh'], false],
    [['-a', '/srv/[a-z]+'], ['-a', '/srv/../etc'], false],
    ['(a+)+b', ['a'.repeat(5_000)], false],
    ['(', ['('], false],
    [5, [], false],
    [[5], ['5'], false],
  ])('R5: fit %j with %j: %s', async (patterns, args, fits) => {
    const report = await echo({ arguments: patterns }, args);
    expect(report.state).toBe(fits ? 'FINISHED' : 'FAILED');
    if (!fits) expect(report).toMatchObject({ hasRun: false, error: { code: Errno.EPERM } });
  });

  it('R5: are those that the entry names', async () => {
    expect((await echo({}, [], { working_directory: '/tmp' })).error?.code).toBe(Errno.EPERM);
    expect((await echo({}, [], { working_directory: '/tmp/..' })).error?.code).toBe(Errno.EPERM);
    expect((await echo({}, [], { input: 'x' })).error?.code).toBe(Errno.EPERM);
    const generous = { working_directories: ['/tmp'], input: true };
    const more = { working_directory: '/tmp', input: 'x' };
    expect((await echo(generous, [], more)).state).toBe('FINISHED');
    expect((await echo({ unheard_of: true }, [])).error?.code).toBe(Errno.EPERM);
  });

  it('R5: another way to write or to reach the program is another program', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'r5-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const link = join(folder, 'echo');
    await symlink('/bin/sh', link);
    for (const command of ['/bin/../bin/echo', '/bin//echo', '/bin/echo/', '/bin/./echo', link]) {
      const report = await execute(['/bin/echo', { command: '/bin/echo' }], { command });
      expect(report.error?.code, command).toBe(Errno.EPERM);
    }
  });

  it('R5: what an older store has still counts: paths, and a star', async () => {
    const more = { command: '/bin/echo', arguments: ['x'], working_directory: '/tmp', input: 'y' };
    expect((await execute(['/bin/echo'], more)).state).toBe('FINISHED');
    expect((await execute(['*'], more)).state).toBe('FINISHED');
    expect((await execute('/bin/echo', more)).error?.code).toBe(Errno.EPERM);
    expect((await execute({ '/bin/echo': true }, more)).error?.code).toBe(Errno.EPERM);
  });
});
