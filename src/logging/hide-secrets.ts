/** What may never be read: passwords, tokens, keys, and addresses of databases, which hold passwords. */
const SECRET = /^(.*[-_])?(password|passwd|passphrase|secret|token|dsn|private-?key|api-?key)$/i;
export const HIDDEN = '<hidden>';

/** Whether what stands under a key of that name is hidden. */
export const isSecretName = (name: string): boolean => SECRET.test(name);
const MAX_DEPTH = 8;

/**
 * A copy of plain data in which every value under such a key reads `<hidden>`, however deep it lies.
 * Objects of a class are left to their own `toJSON`: a `Password` hides itself.
 */
export function hideSecrets<T>(value: T, depth = 0): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return (
      depth > MAX_DEPTH ? [] : value.map((item) => hideSecrets<unknown>(item, depth + 1))
    ) as T;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  if (depth > MAX_DEPTH) return '...' as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecretName(key) ? HIDDEN : hideSecrets<unknown>(inner, depth + 1),
    ]),
  ) as T;
}
