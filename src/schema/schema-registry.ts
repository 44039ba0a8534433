import { createHash } from 'node:crypto';
import { Errno, isDispatcherError, RpcException } from '../common/index.js';
import { canonicalJson } from './canonical-json.js';
import { convertClass } from './classes/class-converter.js';
import { compileExecutable, type SchemaCheck } from './compile/compiler.js';
import { toExecutable } from './compile/executable.js';
import type { Definitions } from './compile/keywords.js';
import type { Mode } from './compile/mode.js';
import { needsPreparation } from './compile/preparation-need.js';
import type { PreparationContext } from './compile/preparer.js';
import { aliasOf, DefinitionTable } from './definition-table.js';
import type { Definition } from './definition.js';
import type { SchemaArg, SchemaClass } from '../wire/builder/index.js';
import { DIALECT, isRecord, type JsonSchema, referenceTo } from './json-schema.js';
import { OPTIONAL } from './markers.js';
import { type ClassResolver, isClass, publish } from './publish.js';
import { checkSchema } from './schema-check.js';
import {
  type ArgumentsValidator,
  CompiledArguments,
  CompiledValue,
  type ValidatorContext,
  type ValueValidator,
} from './validators.js';

export interface Ownership {
  /** Whose definition it is, and so when it goes: a plugin's or service's name. */
  readonly owner?: string;
}

const SERVER = 'server';

/**
 * The schema definitions of the whole server, by name, and the compiler of everything that refers to
 * them. References are looked up when a value is checked: order of registration never matters, and
 * a definition that changes takes no one else's compiled code with it.
 *
 * @example
 * const schemas = new SchemaRegistry();
 * schemas.define('User', User, { owner: 'user' });
 * const validator = schemas.compileArguments([h.ref('User')]);
 * validator.validate([{ username: '' }]); // [{ path: [0, 'username'], message: '...', code: 22 }]
 */
export class SchemaRegistry {
  readonly #table = new DefinitionTable();
  /** Names given to recursive classes that nobody registered. */
  readonly #automatic = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #definitions: Readonly<Record<Mode, Definitions>>;
  readonly #context: ValidatorContext;
  #hash: { readonly version: number; readonly text: string } | null = null;

  constructor() {
    const of = (mode: Mode): Definitions => ({
      schemaOf: (name) => this.#schemaOf(this.#resolve(name)),
      check: (name, value) => this.#check(name, mode)(value),
    });
    this.#definitions = { input: of('input'), strict: of('strict'), result: of('result') };
    const preparations = { input: this.#preparation('input'), strict: this.#preparation('strict') };
    this.#context = {
      definitions: (mode) => this.#definitions[mode],
      preparation: (mode) => preparations[mode],
    };
  }

  /**
   * Registers a definition. Given a class, schemas that use the class refer to it by this name.
   *
   * @throws RpcException EEXIST naming both owners; EINVAL naming what in the schema is wrong
   */
  define(name: string, schema: SchemaArg, { owner = SERVER }: Ownership = {}): void {
    if (!/^[^\s/#~%]{1,256}$/.test(name)) {
      throw new RpcException(
        Errno.EINVAL,
        `${JSON.stringify(name)} cannot name a schema definition`,
      );
    }
    this.#withdrawAutomatic(schema, owner);
    const definition = this.#table.add(name, { owner, source: schema });
    try {
      this.#schemaOf(definition);
    } catch (error) {
      this.#table.remove(name);
      if (!isDispatcherError(error)) throw error;
      throw new RpcException(
        error.code,
        `Schema definition ${name}: ${error.message}`,
        error.extra,
      );
    }
    this.#notify();
  }

  /** @throws RpcException ENOENT when there is no such definition */
  undefine(name: string): void {
    this.#table.remove(name);
    this.#automatic.delete(name);
    this.#notify();
  }

  /** Removes everything an owner registered, recursive classes that got a name by themselves included. */
  undefineOwned(owner: string): void {
    const owned = this.namesOf(owner);
    for (const name of owned) {
      this.#table.remove(name);
      this.#automatic.delete(name);
    }
    if (owned.length > 0) this.#notify();
  }

  has(name: string): boolean {
    return this.#table.get(name) !== undefined;
  }

  /** In alphabetical order. */
  names(): string[] {
    return this.#table.names();
  }

  /** Those that one owner registered, in alphabetical order. */
  namesOf(owner: string): string[] {
    return this.names().filter((name) => this.#table.get(name)?.owner === owner);
  }

  /**
   * The published form: draft-07 JSON. A registered class becomes a reference, any other stands
   * inline, except that a recursive one is registered under its own name and `owner`.
   *
   * @throws RpcException EINVAL naming what in the schema is wrong
   */
  toJsonSchema(schema: SchemaArg, { owner = SERVER }: Ownership = {}): JsonSchema {
    const published = publish(schema, this.#classResolver(owner));
    checkSchema(published);
    return published;
  }

  /**
   * The schema of every item of an array of that schema, which may be a reference to the array's;
   * null when it says nothing about items or something else about each. The same object as long as
   * the definitions stay the same.
   *
   * @throws RpcException EINVAL when it refers to a definition that is not registered
   */
  itemsOf(schema: JsonSchema): JsonSchema | null {
    const name = aliasOf(schema);
    const { items } = name === null ? schema : this.#schemaOf(this.#resolve(name));
    return isRecord(items) ? items : null;
  }

  /** All definitions in one JSON Schema document. */
  document(): JsonSchema {
    const definitions = this.names().map((name): [string, JsonSchema] => [
      name,
      this.#schemaOf(this.#table.get(name) as Definition),
    ]);
    return { $schema: DIALECT, definitions: Object.fromEntries(definitions) };
  }

  /** SHA-256 of the document; equal definitions have an equal hash, whatever their order. */
  hash(): string {
    const { version } = this.#table;
    if (this.#hash?.version !== version) {
      const text = createHash('sha256').update(canonicalJson(this.document())).digest('hex');
      this.#hash = { version: this.#table.version, text };
    }
    return this.#hash.text;
  }

  /** Calls back after each change of the definitions; returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * @throws RpcException EINVAL naming what in which schema is wrong
   */
  compileArguments(args: readonly SchemaArg[], options: Ownership = {}): ArgumentsValidator {
    const published = args.map((schema) => ({
      schema: this.toJsonSchema(schema, options),
      isOptional: typeof schema === 'object' && schema !== null && OPTIONAL in schema,
    }));
    return new CompiledArguments(published, this.#context);
  }

  /** @throws RpcException EINVAL naming what in the schema is wrong */
  compileValue(schema: SchemaArg, mode: Mode, options: Ownership = {}): ValueValidator {
    return new CompiledValue(this.toJsonSchema(schema, options), mode, this.#context);
  }

  #classResolver(owner: string, within: readonly SchemaClass[] = []): ClassResolver {
    return (type) => {
      const name = this.#table.nameOf(type);
      if (name !== undefined) return { $ref: referenceTo(name) };
      if (within.includes(type)) return { $ref: referenceTo(this.#defineRecursive(type, owner)) };
      const schema = convertClass(type, this.#classResolver(owner, [...within, type]));
      const given = this.#table.nameOf(type); // it turned out to be recursive
      return given === undefined ? schema : { $ref: referenceTo(given) };
    };
  }

  #defineRecursive(type: SchemaClass, owner: string): string {
    const { name } = type;
    this.#table.add(name, { owner, source: type });
    this.#automatic.add(name);
    this.#notify();
    return name;
  }

  /** A class that is registered properly gives up the name it got by itself. */
  #withdrawAutomatic(schema: SchemaArg, owner: string): void {
    const name = this.#table.nameOf(schema);
    if (name === undefined || !this.#automatic.has(name)) return;
    if (this.#table.get(name)?.owner !== owner) return;
    this.#automatic.delete(name);
    this.#table.remove(name);
  }

  #schemaOf(definition: Definition): JsonSchema {
    const resolver = this.#classResolver(definition.owner);
    return definition.published((source) => {
      // the class itself, not the reference that it is everywhere else
      const schema = isClass(source) ? convertClass(source, resolver) : publish(source, resolver);
      checkSchema(schema);
      return schema;
    });
  }

  #resolve(name: string): Definition {
    return this.#table.resolve(name, (definition) => this.#schemaOf(definition));
  }

  #check(name: string, mode: Mode): SchemaCheck {
    const definition = this.#resolve(name);
    return definition.check(mode, this.#schemaOf(definition), this.#definitions[mode]);
  }

  #preparation(mode: 'input' | 'strict'): PreparationContext {
    const context: PreparationContext = {
      mode,
      schemaOf: (name) => this.#schemaOf(this.#resolve(name)),
      preparerOf: (name) => {
        const definition = this.#resolve(name);
        const schema = this.#schemaOf(definition);
        const isNeeded = definition.needsPreparation(this.#table.version, () =>
          needsPreparation(schema, context.schemaOf),
        );
        return isNeeded ? definition.prepare(schema, context) : null;
      },
      checkOf: (schema) => {
        let check: SchemaCheck | null = null;
        return (value) => {
          check ??= compileExecutable(toExecutable(schema, mode), this.#definitions[mode]);
          return check(value) === null;
        };
      },
    };
    return context;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
