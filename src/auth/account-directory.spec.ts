import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sqliteDriver } from '../datastore/drivers/sqlite/index.js';
import { DocumentStore } from '../datastore/index.js';
import type { Logger } from '../sdk/index.js';
import { AccountDirectory, type AccountChange, ROLES, USERS } from './account-directory.js';
import { RoleIndex } from './role-index.js';

const logger = { error: vi.fn() } as unknown as Logger;

let folder: string;
let store: DocumentStore;
let directory: AccountDirectory;
let roles: RoleIndex;
let changes: AccountChange[];

const open = async () => {
  roles = new RoleIndex();
  directory = await AccountDirectory.open({ store, roles, logger });
  changes = [];
  directory.onChange(({ accounts }) => changes.push(...accounts));
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-directory-'));
  const driver = await sqliteDriver()(join(folder, 'store.db'), { onStateChange: () => undefined });
  store = new DocumentStore(driver);
  await open();
});
afterEach(async () => {
  directory.close();
  await store.close();
  await rm(folder, { recursive: true });
});

const ann = { username: 'ann', password: 'hash', roles: ['reader'] };

describe('the directory', () => {
  it('knows a user as soon as the write is acknowledged, whichever way it was written', async () => {
    expect(directory.isEmpty).toBe(true);
    const id = await store.insert(USERS, ann);
    expect(directory.find('ann')).toMatchObject({ roles: ['reader'], isLocked: false });
    await store.update(USERS, id, { roles: ['admin'] });
    expect(directory.find('ann')?.roles).toEqual(['admin']);
    await store.replace(USERS, id, { ...ann, locked: true });
    expect(directory.find('ann')?.isLocked).toBe(true);
    await store.claim(USERS, [['username', '=', 'ann']], { locked: false });
    expect(directory.find('ann')?.isLocked).toBe(false);
    await store.batch([
      { kind: 'delete', collection: USERS, id },
      { kind: 'insert', collection: USERS, document: { username: 'bob' } },
    ]);
    expect([directory.find('ann'), directory.find('bob')?.roles]).toEqual([null, []]);
    await store.deleteMany(USERS, [['username', '=', 'bob']]);
    expect(directory.isEmpty).toBe(true);
    await store.insert(USERS, ann);
    await store.dropCollection(USERS);
    expect(directory.find('ann')).toBeNull();
  });

  it('finds the users that were there before it', async () => {
    await store.insertMany(USERS, [ann, { username: 'bob' }]);
    directory.close();
    await open();
    expect([directory.find('ann')?.roles, directory.find('bob')?.roles]).toEqual([['reader'], []]);
  });

  it('tells what became of each user, and a new hash of the old password is no change', async () => {
    const id = await store.insert(USERS, ann);
    await store.update(USERS, id, { password: 'other' });
    await directory.rehash(directory.find('ann')!, 'other, hashed anew');
    await store.update(USERS, id, { username: 'anna' });
    expect(
      changes.map(({ username, before, after, isPasswordChanged }) => [
        username,
        before?.passwordHash ?? null,
        after?.passwordHash ?? null,
        isPasswordChanged,
      ]),
    ).toEqual([
      ['ann', null, 'hash', true],
      ['ann', 'hash', 'other', true],
      ['ann', 'other', 'other, hashed anew', false],
      ['ann', 'other, hashed anew', null, true],
      ['anna', null, 'other, hashed anew', true],
    ]);
  });

  it('does not bring back a password that was changed while it was hashed anew', async () => {
    const id = await store.insert(USERS, ann);
    const before = directory.find('ann')!;
    await store.update(USERS, id, { password: 'newer' });
    await directory.rehash(before, 'hash, hashed anew');
    expect(directory.find('ann')?.passwordHash).toBe('newer');
  });

  it('keeps up with a name that moves from one row to another', async () => {
    const [first, second] = await store.insertMany(USERS, [ann, { username: 'bob' }]);
    await store.batch([
      { kind: 'delete', collection: USERS, id: second! },
      { kind: 'update', collection: USERS, id: first!, patch: { username: 'bob' } },
    ]);
    expect([directory.find('ann'), directory.find('bob')?.roles]).toEqual([null, ['reader']]);
  });

  it('ends with the last of many writes at once', async () => {
    const id = await store.insert(USERS, ann);
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => store.update(USERS, id, { roles: [`role${n}`] })),
    );
    const { roles: stored } = (await store.getById<{ roles: string[] }>(USERS, id))!;
    expect(directory.find('ann')?.roles).toEqual(stored);
  });

  it('takes rows of plugins as they are, and what is odd in them gives less', async () => {
    await store.insertMany(USERS, [
      {
        username: 'odd',
        password: { $password: 'x' },
        roles: 'admin',
        locked: 'no',
        shell: '/bin/sh',
      },
      { username: 'mixed', roles: ['reader', 7, null] },
      { uid: 1000 },
    ]);
    expect(directory.find('odd')).toMatchObject({ passwordHash: null, roles: [], isLocked: true });
    expect(directory.find('mixed')?.roles).toEqual(['reader']);
  });

  it('adds its unique key to a collection that a plugin made first, and keeps the rest', async () => {
    directory.close();
    await store.dropCollection(USERS);
    await store.requireCollection(USERS, { key: 'serial', indexes: ['uid'] });
    await open();
    await store.insert(USERS, ann);
    await expect(store.insert(USERS, ann)).rejects.toThrow('exists already');
    expect(await store.collection(USERS)).toMatchObject({ key: 'serial', indexes: [['uid']] });
  });

  it('knows the masks of a role as soon as they are written', async () => {
    const target = { method: 'disk.wipe', isUnauthenticated: false, isPrivate: false, roles: [] };
    const may = () => roles.rightsFor(['disks']).mayCall(target);
    const id = await store.insert(ROLES, { name: 'disks', methods: ['disk.*'] });
    expect(may()).toBe(true);
    await store.update(ROLES, id, { methods: ['pool.*'] });
    expect(may()).toBe(false);
  });
});
