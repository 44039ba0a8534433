import type { Unsubscribe } from './unsubscribe.js';

/** What a token says to whoever knows its hash. */
export interface SharedToken {
  readonly user: string;
  /** `machine`: the user needs no row in the store. */
  readonly origin: 'store' | 'machine';
  /** How much longer it lives, from when this is told. */
  readonly lifeMs: number;
  /** It was exchanged for another one: use does not prolong its life. */
  readonly isRetiring: boolean;
}

/** What is told of tokens that other nodes issued, or did something with. */
export interface TokenFollower {
  /** @param revision - which change of the key it is; the same one may be told again */
  known(key: string, token: SharedToken, revision: number): void;
  revoked(key: string): void;
}

/**
 * Login tokens that work at every node, by their hashes. Nobody waits for the others to know: what
 * cannot be told now is told as soon as it can.
 */
export abstract class SharedTokens {
  /** False where a token works at its own node only, for there is no other. */
  abstract readonly isShared: boolean;
  /** Makes a new token known. */
  abstract put(key: string, token: SharedToken): void;
  /** Makes a token known that another node has taken back, which it should not have. */
  abstract restore(key: string, token: SharedToken): void;
  /** Makes a change known, unless the token was taken back meanwhile. */
  abstract change(key: string, token: SharedToken): void;
  abstract revoke(key: string): void;
  /** What the others know of a token that was not told of here. Never rejects. */
  abstract find(key: string): Promise<SharedToken | null>;
  abstract follow(follower: TokenFollower): Unsubscribe;
}
