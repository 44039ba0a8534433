import { coded, Errno, RpcException } from '../common/index.js';
import { Definition } from './definition.js';
import type { SchemaArg, SchemaClass } from '../wire/builder/index.js';
import { type JsonSchema, nameOfReference } from './json-schema.js';
import { isClass } from './publish.js';

export interface NewDefinition {
  readonly owner: string;
  readonly source: SchemaArg;
}

// References between definitions that are nothing but names for each other.
const ANNOTATIONS = new Set(['title', 'description', 'examples', 'deprecated']);

/** The definitions by name, and the names of classes that have one. */
export class DefinitionTable {
  readonly #definitions = new Map<string, Definition>();
  readonly #classNames = new Map<SchemaClass, string>();
  /** Changes whenever a definition does; what was worked out before is then stale. */
  #version = 0;
  #targets = { version: 0, names: new Map<string, string>() };

  get version(): number {
    return this.#version;
  }

  /** @throws RpcException EEXIST naming both owners */
  add(name: string, { owner, source }: NewDefinition): Definition {
    const present = this.#definitions.get(name);
    if (present !== undefined) {
      throw new RpcException(
        Errno.EEXIST,
        `Schema definition ${name} of ${owner} is already registered by ${present.owner}`,
      );
    }
    const definition = new Definition(owner, source);
    this.#definitions.set(name, definition);
    if (isClass(source)) this.#classNames.set(source, name);
    this.#changed(source);
    return definition;
  }

  /** @throws RpcException ENOENT */
  remove(name: string): void {
    const definition = this.#definitions.get(name);
    if (definition === undefined) {
      throw new RpcException(Errno.ENOENT, `Schema definition ${name} is not registered`);
    }
    this.#definitions.delete(name);
    const { source } = definition;
    if (isClass(source) && this.nameOf(source) === name) this.#classNames.delete(source);
    this.#changed(source);
  }

  get(name: string): Definition | undefined {
    return this.#definitions.get(name);
  }

  nameOf(source: SchemaArg): string | undefined {
    return isClass(source) ? this.#classNames.get(source) : undefined;
  }

  names(): string[] {
    return [...this.#definitions.keys()].sort();
  }

  /**
   * The definition that a name stands for in the end: chains of definitions that only refer to one
   * another are followed here in a loop, however long, so that checks need not recurse through them.
   *
   * @throws RpcException EINVAL when it is not registered or refers to nothing but itself
   */
  resolve(name: string, schemaOf: (definition: Definition) => JsonSchema): Definition {
    if (this.#targets.version !== this.#version) {
      this.#targets = { version: this.#version, names: new Map() };
    }
    const known = this.#targets.names.get(name);
    const visited = new Set<string>();
    let current = known ?? name;
    for (;;) {
      const definition = this.#definitions.get(current);
      if (definition === undefined) throw coded('SCHEMA_NOT_REGISTERED', { name: current });
      if (known !== undefined) return definition;
      const next = aliasOf(schemaOf(definition));
      if (next === null) {
        for (const alias of visited.add(current)) this.#targets.names.set(alias, current);
        return definition;
      }
      if (visited.has(current)) {
        throw new RpcException(Errno.EINVAL, `Schema definition ${name} refers only to itself`);
      }
      visited.add(current);
      current = next;
    }
  }

  #changed(source: SchemaArg): void {
    this.#version += 1;
    if (!isClass(source)) return;
    // what was converted inline may be a reference now, and the other way round
    for (const definition of this.#definitions.values()) definition.drop();
  }
}

/** The name that a schema is only another name for. */
export function aliasOf(schema: JsonSchema): string | null {
  const keywords = Object.keys(schema).filter((keyword) => !ANNOTATIONS.has(keyword));
  if (keywords.length !== 1) return null;
  const { $ref: reference, allOf } = schema;
  if (typeof reference === 'string') return nameOfReference(reference);
  const parts: readonly unknown[] = Array.isArray(allOf) ? allOf : [];
  return parts.length === 1 ? aliasOf(parts[0] as JsonSchema) : null;
}
