/**
 * Only the named properties: of each item of a list, or of the one object. `a.b` is the property of a
 * property. One name alone gives bare values, several give objects.
 */
export function selectFields(value: unknown, fields: readonly string[]): unknown {
  return Array.isArray(value) ? value.map((item) => pick(item, fields)) : pick(value, fields);
}

function pick(item: unknown, fields: readonly string[]): unknown {
  const [only] = fields;
  if (fields.length === 1 && only !== undefined) return at(item, only);
  return Object.fromEntries(fields.map((field) => [field, at(item, field)]));
}

/** A property whose own name has dots in it counts first. */
function at(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  const dot = path.indexOf('.');
  if (dot < 0) return null;
  const head = path.slice(0, dot);
  return Object.hasOwn(value, head)
    ? at((value as Record<string, unknown>)[head], path.slice(dot + 1))
    : null;
}
