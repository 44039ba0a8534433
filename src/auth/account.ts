import type { RowId } from '../sdk/index.js';
import type { RoleDefinition } from './role-index.js';

/** A user of the store, as far as logins are concerned. */
export interface UserAccount {
  readonly id: RowId;
  readonly username: string;
  readonly passwordHash: string | null;
  readonly roles: readonly string[];
  readonly isLocked: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads a row of `users`. Plugins write such rows too: fields unknown here are theirs, and what is
 * missing or of another type gives less, never more. Null for a row without a name.
 */
export function toAccount(row: Row): UserAccount | null {
  const { id, username, password, roles, locked } = row;
  if (typeof username !== 'string' || username === '') return null;
  return {
    id: id as RowId,
    username,
    passwordHash: typeof password === 'string' ? password : null,
    roles: texts(roles),
    isLocked: locked !== undefined && locked !== null && locked !== false,
  };
}

/** Reads a row of `roles`; null for one without a name. */
export function toRole(row: Row): RoleDefinition | null {
  const { name, methods, publish, tasks } = row;
  if (typeof name !== 'string' || name === '') return null;
  return { name, methods: texts(methods), publish: texts(publish), tasks: texts(tasks) };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
