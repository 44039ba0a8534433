import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import { TaskClient, type WireTask } from '../contract/task-plugin.js';
import { namesBelow } from '../support/file-ground.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

// The shipped tasks over a real server: real processes, real files, real kills.

/** Stands for other plugins that claim what the storage plugin registers. */
const HELPER = `
import { accepts, Plugin, returns, Task, task } from 'dispatcher';
@task('disk.format', { executor: 'inline' }) @accepts(String) @returns(null)
export class Format extends Task { verify(resource) { return [resource]; } run() { return null; } }
@Plugin({ providers: [Format] }) export default class {}
`;

const run = promisify(execFile);
const canMount = await (async () => {
  const probe = await mkdtemp(join(tmpdir(), 'mount-'));
  const done = run('mount', ['-t', 'tmpfs', 'probe', probe]).then(() => run('umount', [probe]));
  return done
    .then(
      () => true,
      () => false,
    )
    .finally(() => rm(probe, { recursive: true }));
})();

/** All holes: nothing on the disk, and seconds of work for whoever reads it. */
const HUGE_BYTES = 2 ** 35;

let home: string;
let folder: string;
let server: ServerProcess | null = null;
const mounted: string[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'dispatcher-files-'));
  await mkdir(join(home, 'plugins'));
  await writeFile(join(home, 'plugins', 'helper.ts'), HELPER);
});
afterAll(async () => {
  await end('SIGTERM');
  await rm(home, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'file-tasks-')));
  await mkdir(join(folder, 'source', 'inner'), { recursive: true });
  await mkdir(join(folder, 'work'));
  await writeFile(join(folder, 'source', 'inner', 'a'), randomBytes(500_000));
  await writeFile(join(folder, 'huge'), '');
  await truncate(join(folder, 'huge'), HUGE_BYTES);
});
afterEach(async () => {
  for (const target of mounted.splice(0)) await run('umount', [target]).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

async function mount(target: string, options: string): Promise<void> {
  await mkdir(target);
  await run('mount', ['-t', 'tmpfs', '-o', options, 'dispatcher-test', target]);
  mounted.push(target);
}

/** A client of the server, which is started again over its state if it was killed. */
async function start(): Promise<TaskClient> {
  server ??= await ServerProcess.start({
    stateDirectory: join(home, 'state'),
    dispatcher: {
      'plugin-dirs': [join(home, 'plugins')],
      frontend: false,
      tasks: { executors: { min: 1, max: 2 } },
    },
  });
  const client = await PlainClient.loggedIn(server.url);
  onTestFinished(() => client.close());
  return new TaskClient(client).subscribe('task.*');
}

async function end(signal: NodeJS.Signals): Promise<void> {
  await server?.stop(signal);
  server = null;
}

const source = (): string => join(folder, 'source');
const place = (name: string): string => join(folder, 'work', name);
const huge = (to: string) => ({ source: join(folder, 'huge'), destination: place(to) });

/** Resolves when the task has done a part of its work and told of it. */
async function underWay(tasks: TaskClient, id: number): Promise<void> {
  await tasks.event('task.progress', (args) => args['id'] === id);
}

async function resourceNames(tasks: TaskClient): Promise<string[]> {
  const rows = await tasks.client.result<{ name: string }[]>('task.list_resources');
  return rows.map(({ name }) => name);
}

describe('a copy', () => {
  it('tells of its progress and its result, and lets go of its paths at the end', async () => {
    const tasks = await start();
    const row = await tasks.run('files.copy', { source: source(), destination: place('copy') });
    expect(row).toMatchObject({
      state: 'FINISHED',
      resources: [
        { resource: `path:${source()}`, mode: 'shared' },
        { resource: `path:${place('copy')}`, mode: 'exclusive' },
      ],
      result: { bytes: 500_000, files: 1, directories: 2, links: 0, skipped: 0 },
      progress: { percentage: 100, message: 'Copied 488.3 KiB of 488.3 KiB' },
    });
    expect(tasks.events('task.progress').at(-1)).toMatchObject({
      percentage: 100,
      extra: { done_bytes: 500_000, total_bytes: 500_000 },
      abortable: true,
    });
    expect(await namesBelow(place('copy'))).toEqual(['inner', 'inner/a']);
    await vi.waitFor(async () => {
      expect((await resourceNames(tasks)).filter((name) => name.startsWith('path:'))).toEqual([]);
    }, 10_000);
  });

  it('that is aborted leaves nothing', async () => {
    const tasks = await start();
    const id = await tasks.submit('files.copy', huge('copy'));
    await underWay(tasks, id);
    expect(await readdir(join(folder, 'work'))).toEqual([
      expect.stringMatching(new RegExp(`^\\.dispatcher-task-${id}-.*\\.partial$`)),
    ]);
    expect(await tasks.client.result('task.abort', id)).toBe(true);
    expect(await tasks.wait(id)).toMatchObject({ state: 'ABORTED', warnings: [] });
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('whose process is killed fails, and another process removes what there was', async () => {
    const tasks = await start();
    const id = await tasks.submit('files.copy', huge('copy'));
    await underWay(tasks, id);
    const executors =
      await tasks.client.result<{ pid: number; task: number | null }[]>('task.list_executors');
    process.kill(executors.find(({ task }) => task === id)!.pid, 'SIGKILL');
    expect(await tasks.wait(id)).toMatchObject({
      state: 'FAILED',
      error: { code: 14, message: 'Task executor died' },
      warnings: [],
    });
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('that fails says with which path, and removes what it made', async () => {
    const tasks = await start();
    const bad = Buffer.concat([Buffer.from(`${source()}/z-`), Buffer.from([0xff])]);
    await writeFile(bad, 'x');
    const row = await tasks.run('files.copy', { source: source(), destination: place('copy') });
    expect(row).toMatchObject({
      state: 'FAILED',
      error: { code: 22, message: expect.stringContaining(`${source()}/z-`) as string },
    });
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('has an ended row after the server was killed, and who waited for its paths goes on', async () => {
    const tasks = await start();
    const id = await tasks.submit('files.copy', huge('copy'));
    await underWay(tasks, id);
    const waiting = await tasks.submit('files.checksum', { source: place('copy') });
    await tasks.event(
      'task.updated',
      (args) => args['id'] === waiting && args['state'] === 'WAITING',
    );
    await end('SIGKILL');

    const after = await start();
    expect(await after.wait(id)).toMatchObject({
      state: 'FAILED',
      error: { code: 4, message: 'dispatcher process died' },
    });
    // it ran, under its locks: what it was to read never came to be
    expect(await after.wait(waiting)).toMatchObject({
      state: 'FAILED',
      error: { code: 2, message: `Cannot read ${place('copy')}: there is no such file or folder` },
    });
    expect(
      await after.run('files.copy', { source: source(), destination: place('copy') }),
    ).toMatchObject({
      state: 'FINISHED',
    });
  });
});

describe('file tasks', () => {
  it.skipIf(!canMount)(
    'that fill the disk fail and empty it again (needs the right to mount)',
    async () => {
      const tasks = await start();
      const target = place('small');
      await mount(target, 'size=300k');
      for (const task of ['files.copy', 'files.archive', 'files.backup']) {
        expect(
          await tasks.run(task, { source: source(), destination: join(target, 'x') }),
        ).toMatchObject({
          state: 'FAILED',
          error: {
            code: 28,
            message: expect.stringMatching(
              /^Cannot write .*: no space is left on the file system$/,
            ) as string,
          },
        });
        expect(await readdir(target)).toEqual([]);
      }
    },
  );

  it('of one file system run side by side, and who claims it waits for them', async () => {
    const tasks = await start();
    const copies = [
      await tasks.submit('files.copy', huge('one')),
      await tasks.submit('files.copy', huge('two')),
    ];
    for (const id of copies) await underWay(tasks, id);
    const reader = await tasks.submit('files.checksum', { source: place('one') });
    const fileSystem = await tasks.client.result<string>('storage.mount.resource_of_path', folder);
    const format = await tasks.submit('disk.format', fileSystem);
    await vi.waitFor(async () => {
      for (const id of [reader, format]) expect((await tasks.status(id)).state).toBe('WAITING');
    }, 10_000);
    const { waits } = await tasks.client.result<{ waits: { path: string[]; task: number }[] }>(
      'task.explain',
      format,
    );
    expect(waits.map(({ task }) => task)).toEqual(expect.arrayContaining(copies));
    expect(waits[0]?.path).toEqual([fileSystem, expect.stringMatching(/^path:/)]);
    for (const id of copies) await tasks.client.result('task.abort', id);
    expect(await tasks.wait(reader)).toMatchObject({ state: 'FAILED', error: { code: 2 } });
    expect((await tasks.wait(format)).state).toBe('FINISHED');
  });

  it('put a tree into an archive', async () => {
    const tasks = await start();
    const destination = place('a.tar.gz');
    const row = await tasks.run('files.archive', { source: source(), destination });
    expect(row).toMatchObject({ state: 'FINISHED', result: { files: 1, bytes: 500_000 } });
    const { stdout } = await run('tar', ['tzf', destination]);
    expect(stdout).toBe('source/\nsource/inner/\nsource/inner/a\n');
  });
});

describe('a backup', () => {
  it('is made of subtasks that have rows of their own', async () => {
    const tasks = await start();
    const row = await tasks.run('files.backup', { source: source(), destination: place('b') });
    expect(row).toMatchObject({ state: 'FINISHED', progress: { percentage: 100 } });
    const parts = await tasks.client.result<WireTask[]>('task.query', [['parent', '=', row.id]]);
    expect(parts.map(({ name, state }) => [name, state])).toEqual([
      ['files.checksum', 'FINISHED'],
      ['files.copy', 'FINISHED'],
      ['files.checksum', 'FINISHED'],
    ]);
    const { digest } = row.result as { digest: string };
    expect(parts[2]?.result).toMatchObject({ digest });
    const file = createHash('sha256').update(await readFile(join(source(), 'inner', 'a')));
    const records = `d \0\0d inner\0\0f inner/a\0${file.digest('hex')}\0`;
    expect(digest).toBe(createHash('sha256').update(records).digest('hex'));
  });

  it('that is aborted takes its parts along and leaves nothing', async () => {
    const tasks = await start();
    const id = await tasks.submit('files.backup', huge('b'));
    await underWay(tasks, id);
    await tasks.client.result('task.abort', id);
    expect(await tasks.wait(id)).toMatchObject({ state: 'ABORTED' });
    const parts = await tasks.client.result<WireTask[]>('task.query', [['parent', '=', id]]);
    expect(parts.map(({ state }) => state)).toEqual(['ABORTED']);
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });
});

describe('system.execute', () => {
  it('runs nothing until the configuration names it', async () => {
    const tasks = await start();
    const arg = { command: '/bin/echo', arguments: ['hello'] };
    expect(await tasks.run('system.execute', arg)).toMatchObject({
      state: 'FAILED',
      started_at: null,
      error: { code: 1, message: expect.stringContaining('is not allowed') as string },
    });
    await tasks.client.result('settings.set', {
      'system.execute.allowed': ['/bin/echo', '/bin/sleep'],
    });
    expect(await tasks.run('system.execute', arg)).toMatchObject({
      state: 'FINISHED',
      result: { exit_code: 0, output: 'hello\n' },
    });
    const id = await tasks.submit('system.execute', { command: '/bin/sleep', arguments: ['60'] });
    await underWay(tasks, id);
    await tasks.client.result('task.abort', id);
    expect(await tasks.wait(id)).toMatchObject({ state: 'ABORTED' });
  });
});

describe('the resources of the machine', () => {
  it('are there from the start, disks below root and file systems on them', async () => {
    const tasks = await start();
    const fileSystem = await tasks.client.result<string>('storage.mount.resource_of_path', folder);
    expect(await resourceNames(tasks)).toContain(fileSystem);
    const mounts = await tasks.client.result<unknown[]>('storage.device.query');
    const names = await resourceNames(tasks);
    expect(names.filter((name) => name.includes(':/dev/')).length).toBe(
      mounts.length + names.filter((name) => name.startsWith('filesystem:/dev/')).length,
    );
  });

  it.skipIf(!canMount)('follow what is mounted (needs the right to mount)', async () => {
    const tasks = await start();
    const target = place('mount');
    await mount(target, 'size=10m');
    const resource = `filesystem:${target}`;
    expect(await tasks.client.result('storage.mount.resource_of_path', join(target, 'x'))).toBe(
      resource,
    );
    await vi.waitFor(async () => expect(await resourceNames(tasks)).toContain(resource), 10_000);
    const copied = await tasks.run('files.copy', {
      source: source(),
      destination: join(target, 'c'),
    });
    expect(copied.state).toBe('FINISHED');
    await run('umount', [target]);
    await vi.waitFor(
      async () => expect(await resourceNames(tasks)).not.toContain(resource),
      10_000,
    );
  });

  it('are the same after their plugin was reloaded, and those who wait go on waiting', async () => {
    const tasks = await start();
    const before = (await resourceNames(tasks)).filter((name) => !name.startsWith('path:'));
    const copy = await tasks.submit('files.copy', huge('one'));
    await underWay(tasks, copy);
    const waiting = await tasks.submit('files.checksum', { source: place('one') });
    await tasks.event(
      'task.updated',
      (args) => args['id'] === waiting && args['state'] === 'WAITING',
    );
    await tasks.client.result('management.reload_plugins', ['storage']);
    expect((await resourceNames(tasks)).sort()).toEqual(
      [...before, `path:${folder}/huge`, `path:${place('one')}`].sort(),
    );
    expect((await tasks.status(waiting)).state).toBe('WAITING');
    await tasks.client.result('task.abort', copy);
    expect(await tasks.wait(copy)).toMatchObject({ state: 'ABORTED' });
    expect(await tasks.wait(waiting)).toMatchObject({ state: 'FAILED', error: { code: 2 } });
  });
});
