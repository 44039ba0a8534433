import {
  isOptional,
  type SectionSchema,
  toCamelCase,
  type ValueOf,
  type ValueSchema,
} from './schema/index.js';

export type PathResolver = (path: string) => string;

/**
 * A section as the code uses it: camel-case keys, every default filled in, paths absolute.
 * `raw` has passed the schema's checks, which is what makes the type true.
 */
export function typedSection<S extends SectionSchema>(
  schema: S,
  raw: unknown,
  resolvePath: PathResolver,
): ValueOf<S> {
  const given = new Map(Object.entries((raw ?? {}) as Readonly<Record<string, unknown>>));
  const entries = Object.entries(schema.properties).map(([key, property]) => [
    toCamelCase(key),
    'properties' in property
      ? typedPart(property, given.get(key), resolvePath)
      : typedValue(property, given.get(key), resolvePath),
  ]);
  return Object.fromEntries(entries) as ValueOf<S>;
}

function typedPart(schema: SectionSchema, given: unknown, resolvePath: PathResolver): unknown {
  if (given === undefined && isOptional(schema)) return null;
  return typedSection(schema, given, resolvePath);
}

function typedValue(schema: ValueSchema, given: unknown, resolvePath: PathResolver): unknown {
  if (given === undefined) return schema.default ?? null;
  if (!('type' in schema)) return given;
  if (schema.type === 'array' && schema.items.format === 'path') {
    return (given as readonly string[]).map(resolvePath);
  }
  if (schema.type === 'string' && schema.format === 'path') return resolvePath(given as string);
  return given;
}
