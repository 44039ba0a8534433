import { describe, expect, it } from 'vitest';
import { TokenStore } from './token.store.js';

const principal = { kind: 'user', name: 'root', roles: ['admin'] } as const;

function storeAt(start: number) {
  const clock = { now: start };
  return { clock, store: new TokenStore(() => clock.now, 600_000) };
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
});
