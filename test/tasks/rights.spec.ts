import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RoleIndex } from '../../src/auth/index.js';
import { Errno } from '../../src/common/index.js';
import type { Sender } from '../../src/sdk/index.js';
import { TaskReader } from '../../src/tasks/index.js';
import { EngineHarness } from './support/engine.harness.js';

let harness: EngineHarness;

beforeEach(async () => {
  harness = await new EngineHarness().start();
  harness.addResource('lock');
});
afterEach(() => harness.dispose());

const admin = (user: string, kind: Sender['kind'] = 'user'): Sender => ({
  ...{ kind, user, roles: ['admin'], address: 'unix,1', sessionId: 1 },
});

describe('a task that waited while its user lost the right to run it', () => {
  it('fails instead of starting; those of others and of services start', async () => {
    await harness.submit('gate', ['lock'], 'held');
    await vi.waitUntil(() => harness.isAt('held'));
    const submit = (sender: Sender, environment = {}): Promise<number> =>
      harness.engine.submit({ name: 'nothing', args: [['lock']], sender, environment });
    const ids = [
      await submit(admin('jane')),
      await submit(admin('joe')),
      await submit(admin('jane', 'service')),
      await submit(admin('backup', 'service'), { RUN_AS_USER: 'jane' }),
    ];
    harness.demoted.add('jane');
    harness.open('held');
    const rows = await Promise.all(ids.map((id) => harness.engine.wait(id)));
    expect(rows.map(({ state }) => state)).toEqual(['FAILED', 'FINISHED', 'FINISHED', 'FINISHED']);
    expect(rows[0]?.error).toMatchObject({
      code: Errno.EACCES,
      message: 'Insufficient privileges',
    });
    expect(harness.ran).not.toContain(ids[0]);
  });
});

describe('what a user may see of tasks', () => {
  it('is no part of what a query may cost', async () => {
    const roles = new RoleIndex();
    const tasks = Array.from({ length: 100 }, (_, at) => `kind${at}.*`);
    roles.replaceAll([{ name: 'many', methods: [], publish: [], tasks: [...tasks, 'noth*'] }]);
    const id = await harness.submit('nothing');
    await harness.engine.wait(id);
    const reader = new TaskReader(harness.engine, harness.taskStore);
    const sender = { ...admin('jane'), roles: ['many'], rights: roles.rightsFor(['many']) };
    expect(await reader.query([], { select: 'id' }, sender)).toEqual([id]);
    expect(await reader.query(null, { count: true }, sender)).toBe(1);
    const own = Array.from({ length: 65 }, () => ['name', 'match', 'x*'] as const);
    await expect(reader.query([['or', own]], {}, sender)).rejects.toThrow('64 patterns');
    const none = { ...admin('joe'), roles: [], rights: roles.rightsFor([]) };
    expect(await reader.query([], {}, none)).toEqual([]);
  });
});
