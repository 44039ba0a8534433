import { Errno } from 'dispatcher';
import { memoryConfigStore, runTask, startTask } from 'dispatcher/testing';
import { readFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ExecuteTask } from './execute.task.js';
import { ExecuteSettings } from './system.settings.js';

const anything = { command: '*', environment: ['GREETING'], working_directories: ['/', '/usr'] };
const configstore = await memoryConfigStore({
  'system.execute.allowed': ['*', { ...anything, input: true }],
});
const execute = (arg: object) =>
  runTask(ExecuteTask, [arg], { configstore, settings: [ExecuteSettings] });
const shell = (script: string, more: object = {}) =>
  execute({ command: '/bin/sh', arguments: ['-c', script], ...more });

/** A process is gone when its entry is, or when it only waits to be reaped. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid.trim()}/stat`, 'utf8').catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}

async function pidFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'execute-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'pid');
}

describe('system.execute', () => {
  it('runs a program with its arguments as they are', async () => {
    const command = '/bin/echo';
    expect(await execute({ command, arguments: ['$HOME', 'a b', ';', '*'] })).toMatchObject({
      state: 'FINISHED',
      claims: ['system'],
      description: { message: 'Running /bin/echo $HOME a b ; *' },
      result: { exit_code: 0, signal: null, output: '$HOME a b ; *\n', error_output: '' },
    });
  });

  it('gives it an environment of its own, a folder and an input', async () => {
    vi.stubEnv('SECRET_OF_THE_SERVER', 'x');
    onTestFinished(() => void vi.unstubAllEnvs());
    const report = await shell('env | sort; pwd; cat', {
      environment: { GREETING: 'hello' },
      working_directory: '/usr',
      input: 'some input',
    });
    const lines = (report.result as { output: string }).output.split('\n');
    expect(lines).toEqual(expect.arrayContaining(['GREETING=hello', '/usr', 'some input']));
    expect(lines.join()).not.toContain('SECRET');
  });

  it.each([
    ['nothing is configured', {}],
    ['the list names others', { 'system.execute.allowed': ['/bin/false'] }],
    ['the value is no list', { 'system.execute.allowed': '*' }],
  ])('refuses to run anything when %s', async (_, settings) => {
    const own = await memoryConfigStore(settings);
    const report = await runTask(ExecuteTask, [{ command: '/bin/echo' }], {
      configstore: own,
      settings: [ExecuteSettings],
    });
    expect(report).toMatchObject({
      state: 'FAILED',
      hasRun: false,
      error: {
        code: Errno.EPERM,
        message:
          'Running /bin/echo is not allowed: add it to the list in the configuration key system.execute.allowed',
      },
    });
  });

  it('runs what the list names', async () => {
    const own = await memoryConfigStore({ 'system.execute.allowed': ['/bin/echo'] });
    const report = await runTask(ExecuteTask, [{ command: '/bin/echo' }], {
      configstore: own,
      settings: [ExecuteSettings],
    });
    expect(report.state).toBe('FINISHED');
  });

  it('fails with the exit code and the last words, unless that code is accepted', async () => {
    const script = 'echo out; echo first >&2; echo last words >&2; exit 3';
    expect(await shell(script)).toMatchObject({
      state: 'FAILED',
      error: {
        code: Errno.EIO,
        message: '/bin/sh exited with 3: last words',
        extra: { exit_code: 3, output: 'out\n', error_output: 'first\nlast words\n' },
      },
    });
    expect(await shell(script, { accepted_exit_codes: [0, 3] })).toMatchObject({
      state: 'FINISHED',
      result: { exit_code: 3 },
    });
    expect(await shell('kill -9 $$')).toMatchObject({
      error: { code: Errno.EINTR, message: '/bin/sh was ended by SIGKILL' },
    });
  });

  it('keeps the end of a long output and counts the rest', async () => {
    const report = await shell('head -c 5000000 /dev/zero | tr "\\0" x; echo end');
    const { output, dropped_bytes } = report.result as { output: string; dropped_bytes: number };
    expect(output).toHaveLength(65_536);
    expect(output.endsWith('xend\n')).toBe(true);
    expect(dropped_bytes).toBe(5_000_004 - 65_536);
  });

  it('ends the whole group when the time is over, also who ignores the request', async () => {
    const file = await pidFile();
    const report = await shell(`trap '' TERM; sleep 60 & echo $! > ${file}; wait; sleep 60`, {
      timeout_seconds: 1,
    });
    expect(report).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.ETIMEDOUT, message: '/bin/sh did not end within 1 s' },
    });
    const pid = await readFile(file, 'utf8');
    await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
  }, 20_000);

  it('ends the group when it is aborted', async () => {
    const file = await pidFile();
    const arg = { command: '/bin/sh', arguments: ['-c', `sleep 60 & echo $! > ${file}; wait`] };
    const run = await startTask(ExecuteTask, [arg], { configstore, settings: [ExecuteSettings] });
    const pid = await vi.waitFor(async () => {
      const text = await readFile(file, 'utf8');
      expect(text).toMatch(/\d/);
      return text;
    }, 10_000);
    run.abort();
    expect(await run.report).toMatchObject({ state: 'ABORTED' });
    await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
  }, 20_000);

  it('does not wait for what the program leaves running, and ends it', async () => {
    const file = await pidFile();
    const report = await shell(`sleep 60 & echo $! > ${file}; echo done`);
    expect(report).toMatchObject({ state: 'FINISHED', result: { output: 'done\n' } });
    const pid = await readFile(file, 'utf8');
    await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
  });

  it('says what could not be started', async () => {
    expect(await execute({ command: '/nowhere/at/all' })).toMatchObject({
      error: { code: Errno.ENOENT, message: expect.stringContaining('no such program') as string },
    });
    expect(await execute({ command: '/etc/passwd' })).toMatchObject({
      error: { code: Errno.EACCES, message: 'Cannot run /etc/passwd: permission denied' },
    });
  });

  it('refuses what is no command', async () => {
    for (const arg of [{ command: 'echo' }, { command: '/bin/echo', arguments: ['\0'] }, {}]) {
      await expect(execute(arg)).rejects.toMatchObject({ code: Errno.EINVAL });
    }
    expect(
      await execute({ command: '/bin/echo', environment: { 'A=B': 'x', C: 1 } }),
    ).toMatchObject({
      hasRun: false,
      error: {
        extra: [{ path: [0, 'environment', 'A=B'] }, { path: [0, 'environment', 'C'] }],
      },
    });
  });

  it('claims what it is told that the program needs', async () => {
    const resources = ['disk:/dev/sda'];
    expect(await execute({ command: '/bin/true', resources })).toMatchObject({ claims: resources });
  });
});
