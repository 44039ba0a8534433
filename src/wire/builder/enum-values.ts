/**
 * The values of a TypeScript enum of either kind, or of a const object used as one. A numeric member
 * also compiles to its reverse (`Level[0] = 'Low'`), which is not a value.
 *
 * @example
 * enum Level { Low, High = 'high' }
 * enumValues(Level) // [0, 'high']
 */
export function enumValues(entity: Readonly<Record<string, unknown>>): unknown[] {
  const values = Object.entries(entity)
    .filter(([key, value]) => !isReverse(entity, key, value))
    .map(([, value]) => value);
  return [...new Set(values)];
}

function isReverse(entity: Readonly<Record<string, unknown>>, key: string, value: unknown) {
  return typeof value === 'string' && String(Number(key)) === key && entity[value] === Number(key);
}
