import { execFileSync } from 'node:child_process';
import {
  chown,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { TaskClient, type WireTask } from '../contract/task-plugin.js';

// Below which folders the file tasks work for whom, and whose errors are whose, over a real server.

const PLUGIN = `
import { Plugin } from 'dispatcher';
@Plugin() export default class {}
`;
const NOBODY = 65_534;
const PASSWORD = 'correct horse';
const isRoot = process.getuid?.() === 0;

let server: PluginServer;
let folder: string;
let admin: TaskClient;
let operator: TaskClient;

beforeAll(async () => {
  server = await PluginServer.start({ 'settings.ts': PLUGIN });
  const root = await server.admin();
  await root.result('account.create', {
    username: 'olga',
    password: { $password: PASSWORD },
    roles: ['operator'],
  });
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'reach-')));
  await mkdir(at('open', 'source', 'inner'), { recursive: true });
  await mkdir(at('closed'));
  await writeFile(at('open', 'source', 'inner', 'a'), 'alpha');
  await writeFile(at('closed', 'b'), 'beta');
  admin = await new TaskClient(await server.admin()).subscribe('task.*');
  const client = await server.stranger();
  await client.request('rpc', 'auth', { username: 'olga', password: PASSWORD });
  operator = await new TaskClient(client).subscribe('task.*');
  await admin.client.result('settings.set', { 'files.roots': [at('open'), '/nowhere'] });
});
afterEach(async () => {
  await server.closeClients();
  await rm(folder, { recursive: true, force: true });
});

const at = (...names: string[]): string => join(folder, ...names);
const copy = (tasks: TaskClient, source: string, destination: string): Promise<WireTask> =>
  tasks.run('files.copy', { source, destination });
const refused = (code: number, message: RegExp) => ({
  state: 'FAILED',
  started_at: null,
  error: { code, message: expect.stringMatching(message) as string },
});

describe('R6: files.roots', () => {
  it('R6: without the role admin there is nothing to work on until a root is set', async () => {
    await admin.client.result('settings.reset', ['files.roots']);
    expect(await copy(operator, at('open', 'source'), at('open', 'copy'))).toMatchObject(
      refused(13, /without the role admin, .* setting files\.roots lists$/),
    );
    expect(await copy(admin, at('open', 'source'), at('closed', 'copy'))).toMatchObject({
      state: 'FINISHED',
    });
  });

  it('R6: an operator reads and writes below a root, and nowhere else', async () => {
    expect(await copy(operator, at('open', 'source'), at('open', 'copy'))).toMatchObject({
      state: 'FINISHED',
    });
    const outside = refused(13, /files\.roots/);
    expect(await copy(operator, at('closed', 'b'), at('open', 'b'))).toMatchObject(outside);
    expect(await copy(operator, at('open', 'source'), at('closed', 'c'))).toMatchObject(outside);
    expect(await copy(operator, at('open', '..', 'closed', 'b'), at('open', 'b'))).toMatchObject(
      outside,
    );
    expect(await copy(operator, folder, at('open', 'b'))).toMatchObject(outside);
    for (const task of ['files.archive', 'files.backup', 'files.checksum']) {
      const destination = task === 'files.checksum' ? {} : { destination: at('open', 'b') };
      const arg = { source: at('closed', 'b'), ...destination };
      expect(await operator.run(task, arg), task).toMatchObject(outside);
    }
    expect(await readdir(at('closed'))).toEqual(['b']);
  });

  it('R6: a link that root made leads out of no root, and into one by any name', async () => {
    await symlink(at('closed'), at('open', 'out'));
    await symlink(at('open'), at('alias'));
    expect(await copy(operator, at('open', 'out', 'b'), at('open', 'b'))).toMatchObject(
      refused(13, /files\.roots/),
    );
    expect(await copy(operator, at('alias', 'source'), at('open', 'copy'))).toMatchObject({
      state: 'FINISHED',
      resources: [{ resource: `path:${at('open', 'source')}` }, {}],
    });
  });

  it('R6: the roles are those of the submitter, whatever the environment says', async () => {
    const id = await operator.client.result<number>(
      'task.submit_with_env',
      'files.checksum',
      [{ source: at('closed', 'b') }],
      { SENDER_ROLES: ['admin'] },
    );
    expect(await operator.wait(id)).toMatchObject(refused(13, /files\.roots/));
  });

  it.skipIf(!isRoot)('R6: a link of somebody else is not followed (needs root)', async () => {
    await chown(at('open', 'source'), NOBODY, NOBODY);
    await symlink(at('closed'), at('open', 'source', 'way'));
    for (const tasks of [operator, admin]) {
      expect(await copy(tasks, at('open', 'source', 'way', 'b'), at('open', 'b'))).toMatchObject(
        refused(1, /source\/way is a symbolic link .* is not followed\. Name the folder/),
      );
    }
  });
});

describe("R6: the server's own files", () => {
  it('R6: are neither read nor written, by an admin either', async () => {
    const own = refused(1, /it is the server's own/);
    const { directory } = server.process;
    const state = (await readdir(directory)).map((name) => join(directory, name));
    expect(state).toContain(server.process.configurationFile);
    for (const source of [server.plugins, join(server.plugins, 'settings.ts'), ...state]) {
      expect(await copy(admin, source, at('closed', 'stolen')), source).toMatchObject(own);
    }
    expect(await copy(admin, at('closed', 'b'), join(server.plugins, 'evil.mjs'))).toMatchObject(
      own,
    );
    await link(server.process.configurationFile, at('closed', 'c')).catch(() => undefined);
    expect(await copy(admin, at('closed', 'c'), at('closed', 'd'))).toMatchObject(own);
  });

  it('R6: are left out of a tree that they lie in, and a warning tells of each', async () => {
    const { directory } = server.process;
    await writeFile(join(directory, 'other'), 'not the server');
    const row = await copy(admin, directory, at('closed', 'copy'));
    expect(row).toMatchObject({ state: 'FINISHED', result: { files: 1 } });
    const { warnings } = row;
    expect(warnings.length).toBe((row.result as { skipped: number }).skipped);
    expect(warnings.map(({ message }) => message)).toContain(
      `${server.process.configurationFile}: it is the server's own`,
    );
    expect(await readdir(at('closed', 'copy'))).toEqual(['other']);
  });
});

describe('V10: whose error it is', () => {
  const failed = (code: number, message: RegExp) => ({
    state: 'FAILED',
    error: { code, message: expect.stringMatching(message) as string },
    warnings: [],
  });

  it.each(['files.copy', 'files.archive', 'files.backup'])(
    'V10: %s to where nothing can be made names the destination',
    async (task) => {
      const source = at('open', 'source');
      expect(await admin.run(task, { source, destination: '/proc/x' })).toMatchObject(
        failed(2, /^Cannot create \/proc\/x: its folder .* nothing can be put into$/),
      );
      expect(await admin.run(task, { source, destination: '/sys/x' })).toMatchObject({
        state: 'FAILED',
        error: { message: expect.stringMatching(/^Cannot create \/sys\/x: /) as string },
      });
      const long = at('open', 'n'.repeat(300));
      expect(await admin.run(task, { source, destination: long })).toMatchObject({
        state: 'FAILED',
        error: { message: `Cannot find ${long}: the name is too long` },
      });
      expect(await admin.run(task, { source, destination: at('closed', 'b', 'x') })).toMatchObject(
        failed(2, /^Cannot find .*\/closed\/b: a part of the path is no folder$/),
      );
    },
  );

  it('V10: a source that is not there is the error of the source', async () => {
    expect(await copy(admin, at('open', 'gone'), at('open', 'x'))).toMatchObject(
      failed(2, /^Cannot read .*\/open\/gone: there is no such file or folder$/),
    );
  });

  it.skipIf(!isRoot)('V10: so is a file system that is read-only (needs root)', async () => {
    await mkdir(at('mount'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'dispatcher-test', at('mount')]);
    } catch {
      return; // a container without the right to mount
    }
    try {
      expect(await copy(admin, at('open', 'source'), at('mount', 'x'))).toMatchObject(
        failed(13, /^Cannot create .*\/mount\/x: the file system is mounted read-only$/),
      );
    } finally {
      execFileSync('umount', [at('mount')]);
    }
    expect(await readFile(at('open', 'source', 'inner', 'a'), 'utf8')).toBe('alpha');
  });
});
