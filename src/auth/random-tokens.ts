import { randomFillSync } from 'node:crypto';

const TOKEN_BYTES = 32;
const POOL_TOKENS = 64;

/**
 * Gives out texts of 256 random bits. The system is asked for the bits of many at once, for a
 * request costs it more than the bits do. Bits are used once and then wiped: what lies in the pool
 * tells nothing of a token that somebody holds.
 */
export class RandomTokens {
  #used: number;

  /** `pool` holds whole tokens; nobody else reads or writes it. */
  constructor(private readonly pool = Buffer.alloc(TOKEN_BYTES * POOL_TOKENS)) {
    this.#used = pool.length;
  }

  next(): string {
    if (this.#used === this.pool.length) {
      randomFillSync(this.pool);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += TOKEN_BYTES;
    const token = this.pool.toString('base64url', from, this.#used);
    this.pool.fill(0, from, this.#used);
    return token;
  }
}
