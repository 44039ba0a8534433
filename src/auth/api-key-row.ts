import type { Document, RowId, StoredRow } from '../sdk/index.js';
import { ApiKey, type ApiKeyGrant } from './api-key.js';

/** A row of `api_keys`: the hash of the secret, never the key. */
export function toKeyRow(grant: ApiKeyGrant, secretHash: string): Document {
  return {
    key_id: grant.id,
    name: grant.name,
    username: grant.username,
    user_id: grant.userId,
    roles: grant.roles === null ? null : [...grant.roles],
    secret_hash: secretHash,
    created_at: grant.createdAt,
    expires_at: grant.expiresAt,
    last_used_at: null,
    last_used_address: null,
  };
}

/** Reads a row; null for one that is none. What is missing gives less, never more. */
export function toApiKey(row: StoredRow): ApiKey | null {
  const { id, key_id: keyId, username, secret_hash: secretHash } = row;
  if (typeof keyId !== 'string' || typeof username !== 'string') return null;
  if (typeof secretHash !== 'string') return null;
  const grant: ApiKeyGrant = {
    id: keyId,
    name: asText(row.name),
    username,
    userId: asRowId(row.user_id),
    roles: row.roles === null ? null : texts(row.roles),
    createdAt: asDate(row.created_at) ?? new Date(0),
    // a time that cannot be read is over
    expiresAt: row.expires_at === null ? null : (asDate(row.expires_at) ?? new Date(0)),
  };
  const key = new ApiKey(grant, secretHash, id);
  const at = asDate(row.last_used_at);
  key.lastUse = at === null ? null : { at, address: asText(row.last_used_address) };
  return key;
}

function asRowId(value: unknown): RowId | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asDate(value: unknown): Date | null {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : null;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
