import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Errno, Password, stringifyExtended } from '../../src/common/index.js';
import { type DocumentStore, SecretBox } from '../../src/datastore/index.js';
import type { Target } from './target.js';

interface Login {
  readonly id: string;
  readonly user: string;
  readonly password: Password;
  readonly others: readonly { readonly pin: Password }[];
}

const login = (id: string) => ({
  id,
  user: `user of ${id}`,
  password: new Password(`secret of ${id}`),
  others: [{ pin: new Password('1234') }],
});

/** Passwords in rows: sealed where they lie, closed where they come out. */
export function describePasswords(target: Target): void {
  describe('passwords in rows', () => {
    let store: DocumentStore;

    beforeAll(async () => {
      store = await target.open({ secrets: SecretBox.ephemeral() });
      await store.requireCollection('logins', { key: 'given' });
    });
    beforeEach(async () => {
      await store.deleteMany('logins', null);
      await store.insertMany('logins', [login('a'), { id: 'none', user: 'x', password: null }]);
    });
    afterAll(() => store.close());

    /** What another server would have of the rows, whose key is another or none. */
    async function elsewhere<T>(
      secrets: SecretBox | null,
      look: (other: DocumentStore) => Promise<T>,
    ): Promise<T> {
      const other = await target.open(secrets === null ? {} : { secrets });
      try {
        return await look(other);
      } finally {
        await other.close();
      }
    }

    it('come back to code, however they are read', async () => {
      const found: unknown[] = [
        await store.getById('logins', 'a'),
        await store.getOne('logins', [['id', '=', 'a']]),
        ...(await store.query('logins', [['user', '~', 'a']])),
      ];
      for await (const row of store.queryStream('logins', [['id', '=', 'a']])) found.push(row);
      expect(found).toHaveLength(4);
      for (const row of found as Login[]) {
        expect(row.password.reveal()).toBe('secret of a');
        expect(row.others[0]?.pin.reveal()).toBe('1234');
      }
      const selected = await store.query<Password>('logins', [['id', '=', 'a']], {
        select: 'password',
      });
      expect(selected[0]?.reveal()).toBe('secret of a');
    });

    it('come back from every way of writing', async () => {
      const patch = { password: new Password('new') };
      const written = [
        await store.update<Login>('logins', 'a', patch),
        await store.replace<Login>('logins', 'a', { ...login('a'), ...patch }),
        await store.upsert<Login>('logins', 'b', { ...login('b'), ...patch }),
        await store.claim<Login>('logins', [['id', '=', 'a']], patch),
      ];
      expect(written.map((row) => row?.password.reveal())).toEqual(['new', 'new', 'new', 'new']);
      expect(await store.getById('logins', 'none')).toMatchObject({ password: null });
    });

    it('show nothing of themselves, nor of how they lie in the store', async () => {
      const row = await store.getById('logins', 'a');
      expect(JSON.parse(stringifyExtended(row))).toMatchObject({
        password: '<hidden>',
        others: [{ pin: '<hidden>' }],
      });
      const below = { select: ['password.dispatcher:sealed', 'password.text', 'password.0'] };
      expect(await store.query('logins', [['id', '=', 'a']], below)).toEqual([[null, null, null]]);
      const without = { exclude: 'password.dispatcher:sealed' };
      const [rest] = await store.query<Login>('logins', [['id', '=', 'a']], without);
      expect(rest?.password.reveal()).toBe('secret of a');
    });

    it('are there or not; nothing else can be asked of them', async () => {
      const ids = (filter: unknown[]): Promise<unknown> =>
        store.query('logins', [filter] as never, { select: 'id' });
      expect(await ids(['password', '!=', null])).toEqual(['a']);
      expect(await ids(['password', '=', null])).toEqual(['none']);
      expect(await ids(['password', '~', '.'])).toEqual([]);
      expect(await ids(['password', 'match', '*'])).toEqual([]);
      expect(await ids(['password', '=', 'secret of a'])).toEqual([]);
      expect(await ids(['password', 'contains', 's'])).toEqual([]);
      const refused: unknown[] = [
        ['password', '=', new Password('secret of a')],
        ['password', 'in', [{ deep: new Password('secret of a') }]],
        ['password.dispatcher:sealed', '~', '^A'],
        ['or', [['others.0.pin.dispatcher:sealed', '>', 'A']]],
      ];
      for (const filter of refused) {
        await expect(store.query('logins', [filter] as never)).rejects.toMatchObject({
          code: Errno.EINVAL,
        });
        await expect(store.deleteMany('logins', [filter] as never)).rejects.toMatchObject({
          code: Errno.EINVAL,
        });
      }
      await expect(
        store.query('logins', null, { sort: 'password.dispatcher:sealed' }),
      ).rejects.toMatchObject({ code: Errno.EINVAL });
    });

    it('cannot be brought in as they lie in the store, nor be a key', async () => {
      const forged = { id: 'f', user: 'f', password: { 'dispatcher:sealed': 'AAAA' } };
      await expect(store.insert('logins', forged)).rejects.toThrow('an unfit key at password');
      await store.requireCollection('keyed', { unique: ['pin'] });
      await expect(store.insert('keyed', { pin: new Password('1') })).rejects.toThrow(
        'field pin is indexed and takes no object',
      );
    });

    it('of a key that is not here are listed, kept when written back, and told of when opened', async () => {
      for (const secrets of [SecretBox.ephemeral(), null]) {
        await elsewhere(secrets, async (other) => {
          const rows = await other.query<Login>('logins', null, { sort: 'id' });
          expect(rows.map(({ id }) => id)).toEqual(['a', 'none']);
          expect(() => rows[0]?.password.reveal()).toThrow(
            /A stored password cannot be read: .*key/,
          );
          expect(stringifyExtended(rows[0])).not.toContain('sealed');
          await other.replace('logins', 'a', { ...rows[0], user: 'renamed' });
          await other.update('logins', 'a', { others: rows[0]?.others });
        });
      }
      const after = await store.getById<Login>('logins', 'a');
      expect(after?.user).toBe('renamed');
      expect(after?.password.reveal()).toBe('secret of a');
      expect(after?.others[0]?.pin.reveal()).toBe('1234');
    });

    it('are refused as new ones where there is no key', async () => {
      await elsewhere(null, async (other) => {
        await expect(other.insert('logins', login('c'))).rejects.toThrow(
          'a password: there is no key here to seal it with at password',
        );
      });
    });

    it('move from one store into another with another key', async () => {
      await elsewhere(SecretBox.ephemeral(), async (other) => {
        const row = await store.getById<Login>('logins', 'a');
        await other.upsert('logins', 'moved', { user: 'm', password: row?.password });
        const moved = await other.getById<Login>('logins', 'moved');
        expect(moved?.password.reveal()).toBe('secret of a');
      });
    });
  });
}
