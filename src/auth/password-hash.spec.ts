import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPassword, isWeak, verifyPassword } from './password-hash.js';

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** A hash made by nothing of ours. */
function phc(password: string, ln: number, r = 8, p = 1): string {
  const salt = Buffer.from('0123456789abcdef');
  const options = { N: 2 ** ln, r, p, maxmem: 2 ** 30 };
  const hash = scryptSync(password, salt, 32, options);
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

describe('a password', () => {
  it('fits its hash and no other does, and the hash is never the same twice', async () => {
    const [first, second] = [await hashPassword('secret'), await hashPassword('secret')];
    expect(first).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(first).not.toBe(second);
    expect(await verifyPassword('secret', first)).toBe(true);
    expect(await verifyPassword('Secret', first)).toBe(false);
  });

  it('is checked at the cost that its hash names', async () => {
    expect(await verifyPassword('secret', phc('secret', 4, 2, 3))).toBe(true);
    expect(await verifyPassword('other', phc('secret', 4, 2, 3))).toBe(false);
  });

  it('may be typed on any keyboard', async () => {
    const hash = await hashPassword('caf\u00e9');
    expect(await verifyPassword('cafe\u0301', hash)).toBe(true);
  });

  it.each([
    ['nothing', null],
    ['an empty text', ''],
    ['plain text', 'secret'],
    ["another system's hash", '$6$salt$hash'],
    ['a cost that would take all memory', phc('secret', 4).replace('ln=4', 'ln=30')],
    ['no cost at all', phc('secret', 4).replace('ln=4', 'ln=0')],
  ])('never fits %s', async (_, stored) => {
    expect(await verifyPassword('secret', stored)).toBe(false);
    expect(await verifyPassword('', stored)).toBe(false);
  });
});

describe('a hash', () => {
  it('is weak when today it would cost more', async () => {
    expect(isWeak(phc('secret', 4))).toBe(true);
    expect(isWeak(await hashPassword('secret'))).toBe(false);
    expect(isWeak('$6$salt$hash')).toBe(false);
  });
});
