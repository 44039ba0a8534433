import { describe, expect, it } from 'vitest';
import type { Principal } from './principal.js';
import { RoleIndex } from './role-index.js';
import { TokenStore } from './token.store.js';

const roles = new RoleIndex();
const userNamed = (name: string): Principal => ({
  kind: 'user',
  name,
  roles: ['admin'],
  rights: roles.rightsFor(['admin']),
  origin: 'store',
});
const principal = userNamed('root');

function storeAt(start: number) {
  const clock = { now: start };
  const present = new Map([['root', principal]]);
  const refresh = ({ name }: Principal) => present.get(String(name)) ?? null;
  const store = new TokenStore({ nowMs: () => clock.now, lifetimeMs: 600_000, refresh });
  return { clock, store, present };
}

describe('a token', () => {
  it('logs in as its user for as long as it is used', () => {
    const { clock, store } = storeAt(0);
    const { token, key } = store.issue(principal);
    clock.now = 599_000;
    store.touch(key, clock.now);
    clock.now = 1_198_000;
    expect(store.exchange(token)?.principal).toBe(principal);
  });

  it('is worthless after its lifetime without use, and forgotten by the sweep', () => {
    const { clock, store } = storeAt(0);
    const { token } = store.issue(principal);
    clock.now = 600_000;
    expect(store.exchange(token)).toBeNull();
    store.sweep();
    clock.now = 0;
    expect(store.exchange(token)).toBeNull();
  });

  it('works for a minute more after it was exchanged, whoever still uses it', () => {
    const { clock, store } = storeAt(0);
    const { token, key } = store.issue(principal);
    expect(store.exchange(token)).not.toBeNull();
    clock.now = 59_000;
    store.touch(key, clock.now);
    expect(store.exchange(token)).not.toBeNull();
    clock.now = 60_000;
    expect(store.exchange(token)).toBeNull();
  });

  it('cannot be guessed from another', () => {
    const { store } = storeAt(0);
    const tokens = new Set(Array.from({ length: 100 }, () => store.issue(principal).token));
    expect(tokens.size).toBe(100);
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  });

  it('says who, not what: the roles are those of its use', () => {
    const { store, present } = storeAt(0);
    const { token } = store.issue(principal);
    const demoted = { ...principal, roles: ['reader'] };
    present.set('root', demoted);
    expect(store.exchange(token)?.principal).toBe(demoted);
  });

  it('is worthless while its user may not be logged in', () => {
    const { store, present } = storeAt(0);
    const { token } = store.issue(principal);
    present.delete('root');
    expect(store.exchange(token)).toBeNull();
  });

  it('can be taken back with all others of its user, and spared', () => {
    const { store, present } = storeAt(0);
    present.set('ann', userNamed('ann'));
    const [first, second, other] = [
      store.issue(principal),
      store.issue(principal),
      store.issue(userNamed('ann')),
    ];
    store.revokeUser('root', new Set([second.key]));
    expect(store.exchange(first.token)).toBeNull();
    expect(store.exchange(second.token)).not.toBeNull();
    expect(store.exchange(other.token)).not.toBeNull();
  });

  it('gives way, as the oldest of its user, to the one past as many as there can be connections', () => {
    const { store, present } = storeAt(0);
    present.set('ann', userNamed('ann'));
    const other = store.issue(userNamed('ann'));
    const tokens = Array.from({ length: 20_001 }, () => store.issue(principal).token);
    expect(store.exchange(tokens[0]!)).toBeNull();
    expect(store.exchange(tokens[2]!)).not.toBeNull();
    expect(store.exchange(other.token)).not.toBeNull();
  });

  it('outlives any number of tokens of its user that were exchanged for others', () => {
    const { store } = storeAt(0);
    const quiet = store.issue(principal);
    let busy = store.issue(principal);
    for (let login = 0; login < 20_001; login += 1) busy = store.exchange(busy.token)!;
    expect(store.exchange(quiet.token)).not.toBeNull();
  });

  it('that was exchanged makes room in the order of exchange, also when there were none between', () => {
    const { store } = storeAt(0);
    const tokens = Array.from({ length: 20_000 }, () => store.issue(principal).token);
    store.issue(principal); // nothing was exchanged: the first of all goes
    const exchanged = [1, 2, 3].map((index) => store.exchange(tokens[index]!)!.token);
    const later = Array.from({ length: 2 }, () => store.issue(principal).token);
    const isValid = (token: string) => store.principalOf(token) !== null;
    expect(tokens.findIndex(isValid)).toBe(6);
    expect([...exchanged, ...later].every(isValid)).toBe(true);
  });
});
