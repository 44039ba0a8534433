import { coded, stringifyExtended } from '../common/index.js';
import { fieldConditions, type Filter, parseFilter, parseParams } from '../common/query/index.js';
import { hideSecrets, isSecretName } from '../logging/index.js';
import type { StoredRow } from '../sdk/index.js';

/** Longer values are not for a table. */
const MAX_SHOWN = 512;

/** A row as an administrator may see it. */
export function wholeRow(row: StoredRow): Record<string, unknown> {
  return hideSecrets<Record<string, unknown>>(row);
}

/** As {@link wholeRow}, with what is long cut: fifty rows of a megabyte are no answer. */
export function cutRow(row: StoredRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(wholeRow(row)).map(([name, value]) => [name, cut(value)]),
  );
}

function cut(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_SHOWN ? shortened(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const text = stringifyExtended(value);
  return text.length > MAX_SHOWN ? shortened(text) : value;
}

const shortened = (text: string): string =>
  `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)`;

/**
 * Whoever may ask by a field reads it, letter by letter.
 *
 * @throws RpcException EACCES naming the field
 */
export function assertNoSecretAsked(filter: Filter, sort: readonly string[]): void {
  const asked = [...fieldConditions(parseFilter(filter)), ...parseParams({ sort }).sort];
  const secret = asked.find(({ path }) => path.some(isSecretName));
  if (secret !== undefined) throw coded('FIELD_NOT_ASKED', { field: secret.path.join('.') });
}
