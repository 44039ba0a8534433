import { isSecret } from './settings-form.js';

/** Encrypts what holds a password, which no store takes as it is. */
export interface Sealer {
  /** Null when there is no password in it. */
  seal(value: unknown): string | null;
  /** @throws Error when it was sealed with another key */
  unseal(sealed: string): unknown;
}

const SEALED = 'dispatcher:sealed';

/** The value as it is stored. */
export function toStored(value: unknown, sealer: Sealer): unknown {
  const sealed = isSecret(value) ? sealer.seal(value) : null;
  return sealed === null ? value : { [SEALED]: sealed };
}

/** @throws Error when it was sealed with another key */
export function fromStored(stored: unknown, sealer: Sealer): unknown {
  const isContainer = typeof stored === 'object' && stored !== null;
  const sealed = isContainer && SEALED in stored ? stored[SEALED] : null;
  return typeof sealed === 'string' ? sealer.unseal(sealed) : stored;
}
