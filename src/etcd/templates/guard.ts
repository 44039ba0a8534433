import { isSecret, unsafeCharacter } from '../sdk/index.js';

/** A value that must not be printed as it is; the place is added by {@link describeError}. */
export class GuardError extends Error {
  /** @param reason - half a sentence that follows the value's name */
  constructor(readonly reason: string) {
    super(reason);
  }
}

/**
 * What `{{ value }}` prints without one of the filters that quote: a line break in it would begin a
 * directive of its own.
 *
 * @throws GuardError for a control character, and for a closed password
 */
export function guarded(value: unknown): string {
  if (isSecret(value)) throw new GuardError('is a password: open it with the filter reveal');
  const text = textOf(value);
  const problem = unsafeCharacter(text);
  if (problem !== null) {
    throw new GuardError(`${problem}: pipe it through lines, json, quote_sh, quote_ini or raw`);
  }
  return text;
}

/** As Liquid prints values. @throws GuardError for a password among them */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (isSecret(value)) throw new GuardError('is a password: open it with the filter reveal');
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return JSON.stringify(value);
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- objects were seen to above
  return String(value);
}
