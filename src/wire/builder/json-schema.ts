/** A JSON Schema of draft-07 as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Annotation on the wire form of a value that is no JSON type in code; see extended-forms.ts. */
export const EXTENDED_TYPE = 'x-dispatcher-type';

/**
 * Annotation beside `additionalProperties: false` of classes and `h.object`: surplus properties are
 * refused in arguments, where they are typing errors, and tolerated in results, where they are
 * columns that a store added.
 */
export const CLOSED = 'x-dispatcher-closed';

/** Where every published schema has the definitions that it refers to. */
export const DEFINITIONS = '#/definitions/';

/** `Name` as the reference every published schema uses. */
export function referenceTo(name: string): string {
  return DEFINITIONS + encodeURI(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}
