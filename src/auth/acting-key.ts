import type { Sender } from '../sdk/index.js';
import type { ApiKey } from './api-key.js';
import type { ApiKeys } from './api-keys.js';
import type { Principal } from './principal.js';
import type { Principals } from './principals.js';

/** By which API key somebody acts; null for who does not, as those that no login of this server made. */
export function actingKeyOf(sender: Sender): ApiKey | null {
  const { principal } = sender as Partial<{ principal: Principal }>;
  return principal?.apiKey ?? null;
}

/** For whom something is done later: a user, and the key that the user acted by. */
export interface Doer {
  readonly owner: string;
  /** The id of the key; null or nothing for who acted without one. */
  readonly api_key?: string | null;
}

/**
 * The doer with the rights of now, no more than the key has; null when the user may not be logged in
 * any more, or the key is revoked, expired or somebody else's.
 */
export function presentDoer(
  { owner, api_key: id = null }: Doer,
  { principals, keys }: { readonly principals: Principals; readonly keys: Pick<ApiKeys, 'get'> },
): Principal | null {
  if (id === null) return principals.present(owner);
  const key = keys.get(id);
  return key?.grant.username === owner ? principals.ofKey(key) : null;
}
