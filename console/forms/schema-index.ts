import { isList, isObject, type Json, type JsonObject, omit } from './json.js';
import { mergeAll } from './merge.js';
import { type Schema, type Shape, shapeOf } from './shape.js';

const PREFIX = '#/definitions/';
/** Longer chains of references lead in a circle. */
const MAX_CHAIN = 64;

/**
 * The definitions that schemas refer to, and what was worked out of schemas so far. Made anew when
 * the server's schemas change.
 */
export class SchemaIndex {
  readonly #shapes = new WeakMap<object, Shape>();

  constructor(readonly definitions: ReadonlyMap<string, Schema> = new Map()) {}

  /** The schema with references followed and `allOf` folded in; `{}` where that leads in a circle. */
  resolve(schema: Schema, depth = 0): JsonObject | false {
    if (schema === false) return false;
    if (schema === true || depth > MAX_CHAIN) return {};
    const name = referenceIn(schema);
    if (name !== null) {
      const target = this.definitions.get(name);
      return target === undefined ? {} : this.resolve(target, depth + 1);
    }
    const parts = schema['allOf'];
    if (!isList(parts)) return schema;
    const rest = omit(schema, 'allOf');
    const resolved = parts.map((part) => this.resolve(part as Schema, depth + 1));
    if (resolved.includes(false)) return false;
    return mergeAll([...(resolved as JsonObject[]), rest]) ?? opaque(rest);
  }

  /** How the schema is shown and entered. */
  shapeOf(schema: Schema): Shape {
    if (typeof schema === 'boolean') return { kind: schema ? 'any' : 'never' };
    const known = this.#shapes.get(schema);
    if (known !== undefined) return known;
    const shape = shapeOf(this.resolve(schema), (part) => this.resolve(part));
    this.#shapes.set(schema, shape);
    return shape;
  }

  /** A schema that stands alone: with those definitions that can be reached from it. */
  bundle(schema: JsonObject): JsonObject {
    const reached = new Map<string, Json>();
    const queue: Json[] = [schema];
    while (queue.length > 0) {
      for (const name of referencesIn(queue.pop() ?? null)) {
        const target = this.definitions.get(name);
        if (reached.has(name) || target === undefined) continue;
        reached.set(name, target);
        queue.push(target);
      }
    }
    return { ...schema, definitions: Object.fromEntries(reached) };
  }

  /** Names of the definitions that a schema mentions itself. */
  static referencesOf(schema: Json): string[] {
    return [...new Set(referencesIn(schema))];
  }
}

/** What is left of an `allOf` that cannot be folded: its words, for a box of JSON. */
function opaque({ title, description }: JsonObject): JsonObject {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
  };
}

/** The definition that a schema stands for, if it is nothing but a reference. */
export function referenceIn(schema: Schema): string | null {
  if (typeof schema === 'boolean') return null;
  const reference = schema['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith(PREFIX)) return null;
  return decodeName(reference.slice(PREFIX.length));
}

function decodeName(pointer: string): string {
  try {
    return decodeURIComponent(pointer).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return pointer;
  }
}

function referencesIn(root: Json): string[] {
  const names: string[] = [];
  const queue: Json[] = [root];
  while (queue.length > 0) {
    const value = queue.pop() ?? null;
    if (isList(value)) queue.push(...value);
    if (!isObject(value)) continue;
    const name = referenceIn(value);
    if (name !== null) names.push(name);
    queue.push(...Object.values(value));
  }
  return names;
}
