import { isRecord, type JsonSchema, mapKeyword, nameOfReference } from './json-schema.js';

/**
 * The same schema for a document that keeps its definitions in another place: `pointerTo` gives the
 * new pointer to a definition, null for one that is not there, whose reference then admits anything.
 *
 * @example
 * relocateReferences({ $ref: '#/definitions/Disk' }, (name) => `#/components/schemas/${name}`);
 */
export function relocateReferences(
  schema: JsonSchema,
  pointerTo: (name: string) => string | null,
): JsonSchema {
  const relocate = (value: unknown): unknown => {
    if (!isRecord(value)) return value;
    const entries = Object.entries(value).flatMap(([keyword, inner]): [string, unknown][] => {
      if (keyword !== '$ref' || typeof inner !== 'string') {
        return [[keyword, mapKeyword(keyword, inner, relocate)]];
      }
      const name = nameOfReference(inner);
      if (name === null) return [[keyword, inner]];
      const pointer = pointerTo(name);
      return pointer === null ? [['x-unregistered', name]] : [['$ref', pointer]];
    });
    return Object.fromEntries(entries);
  };
  return relocate(schema) as JsonSchema;
}
