import type { SchemaArg } from '../wire/builder/index.js';
import type { JsonSchema } from './json-schema.js';
import { compileExecutable, type SchemaCheck } from './compile/compiler.js';
import { toExecutable } from './compile/executable.js';
import type { Definitions } from './compile/keywords.js';
import type { Mode } from './compile/mode.js';
import { compilePreparer, type PreparationContext, type Prepare } from './compile/preparer.js';

/** A named schema and what is compiled from it, each when first used. */
export class Definition {
  readonly #checks = new Map<Mode, SchemaCheck>();
  readonly #preparers = new Map<Mode, Prepare | null>();
  #published: JsonSchema | null = null;
  #need: { readonly version: number; readonly isNeeded: boolean } | null = null;

  constructor(
    readonly owner: string,
    readonly source: SchemaArg,
  ) {}

  /** The published form, which `convert` gives when it is not known or was dropped. */
  published(convert: (source: SchemaArg) => JsonSchema): JsonSchema {
    this.#published ??= convert(this.source);
    return this.#published;
  }

  /** Forgets what follows from the names of classes, as one was added or removed. */
  drop(): void {
    this.#published = null;
    this.#need = null;
    this.#checks.clear();
    this.#preparers.clear();
  }

  check(mode: Mode, schema: JsonSchema, definitions: Definitions): SchemaCheck {
    const present = this.#checks.get(mode);
    if (present !== undefined) return present;
    const check = compileExecutable(toExecutable(schema, mode), definitions);
    this.#checks.set(mode, check);
    return check;
  }

  /** Depends on other definitions too, so it holds for one version of them all. */
  needsPreparation(version: number, workOut: () => boolean): boolean {
    if (this.#need?.version !== version) this.#need = { version, isNeeded: workOut() };
    return this.#need.isNeeded;
  }

  prepare(schema: JsonSchema, context: PreparationContext): Prepare | null {
    const present = this.#preparers.get(context.mode);
    if (present !== undefined) return present;
    const prepare = compilePreparer(schema, context);
    this.#preparers.set(context.mode, prepare);
    return prepare;
  }
}
