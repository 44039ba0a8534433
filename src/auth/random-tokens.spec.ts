import { describe, expect, it } from 'vitest';
import { RandomTokens } from './random-tokens.js';

const bytesOf = (token: string) => Buffer.from(token, 'base64url');

describe('random tokens', () => {
  it('are 32 bytes each, and no two alike over many fillings of the pool', () => {
    const source = new RandomTokens();
    const tokens = Array.from({ length: 1_000 }, () => source.next());
    expect(new Set(tokens).size).toBe(1_000);
    for (const token of tokens) expect(bytesOf(token)).toHaveLength(32);
  });

  it('leave nothing of themselves in the pool, and what is left there is next', () => {
    const pool = Buffer.alloc(3 * 32);
    const source = new RandomTokens(pool);
    for (let filling = 0; filling < 3; filling += 1) {
      source.next();
      const [second, third] = [pool.subarray(32, 64), pool.subarray(64)].map((part) =>
        part.toString('base64url'),
      );
      expect(pool.subarray(0, 32)).toEqual(Buffer.alloc(32));
      expect([source.next(), source.next()]).toEqual([second, third]);
      expect(pool).toEqual(Buffer.alloc(3 * 32));
    }
  });
});
