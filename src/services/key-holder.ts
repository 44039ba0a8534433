import {
  actingKeyOf,
  type ApiKey,
  type ApiKeyGrant,
  coversRole,
  type Principal,
} from '../auth/index.js';
import { coded } from '../common/index.js';
import type { Sender } from '../sdk/index.js';
import type { ApiKeyRow, NewApiKey } from '../wire/index.js';

/**
 * A key is for doing work, not for ruling over who may: what is made with a leaked one must not
 * outlive it. Whoever acts by one works on no account, not even on its own.
 *
 * @throws RpcException EPERM
 */
export function refuseApiKey(caller: Sender): void {
  if (actingKeyOf(caller) !== null) throw coded('API_KEY_MAY_NOT');
}

/**
 * Until when a key is good; null: until it is revoked.
 *
 * @throws RpcException EINVAL for a time that is over, or two of them
 */
export function expiryOf({ expires_at: at, expires_in: seconds }: NewApiKey): Date | null {
  if (at != null && seconds != null) {
    throw coded('API_KEY_EXPIRY', { reason: 'give expires_at or expires_in, not both' });
  }
  const expiry = seconds == null ? (at ?? null) : new Date(Date.now() + seconds * 1_000);
  if (expiry === null || expiry.getTime() > Date.now()) return expiry;
  throw coded('API_KEY_EXPIRY', { reason: 'expires_at is over' });
}

/** @throws RpcException EPERM naming a role that the owner does not have */
export function rolesWithin(
  { name: username, roles }: Principal,
  wanted: readonly string[] | undefined | null,
): readonly string[] | null {
  const missing = wanted?.find((role) => !coversRole(roles, role));
  if (missing !== undefined)
    throw coded('API_KEY_ROLE', { role: missing, username: username ?? '' });
  return wanted ?? null;
}

/** A key as others see it: nothing that it could be made of. */
export function toKeyView({ grant, lastUse }: ApiKey): ApiKeyRow {
  return {
    ...toBasics(grant),
    last_used_at: lastUse?.at ?? null,
    last_used_address: lastUse?.address ?? null,
  };
}

function toBasics({
  id,
  name,
  username,
  roles,
  createdAt,
  expiresAt,
}: ApiKeyGrant): Omit<ApiKeyRow, 'last_used_at' | 'last_used_address'> {
  return {
    id,
    name,
    username,
    roles: roles === null ? null : [...roles],
    created_at: createdAt,
    expires_at: expiresAt,
  };
}
