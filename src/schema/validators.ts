import { coded, Errno, type ValidationError } from '../common/index.js';
import { compileExecutable, type SchemaCheck } from './compile/compiler.js';
import { report } from './compile/error-report.js';
import { toExecutable } from './compile/executable.js';
import { KEYWORD, type Definitions } from './compile/keywords.js';
import type { Mode } from './compile/mode.js';
import {
  compilePreparer,
  defaultOf,
  type PreparationContext,
  type Prepare,
} from './compile/preparer.js';
import type { JsonSchema } from './json-schema.js';

/** Checks the arguments of one method or task. */
export interface ArgumentsValidator {
  /** The published schema of each argument. */
  readonly schemas: readonly JsonSchema[];
  /** The least number of arguments, and the most. */
  readonly minimum: number;
  readonly maximum: number;
  /**
   * Null when the arguments fit; then defaults are filled in, read-only properties dropped and
   * passwords wrapped, by replacing elements of `args` (the values themselves are never changed).
   * Otherwise every error, its path starting with the argument's index, and `args` is as it was.
   *
   * @throws RpcException EINVAL when a schema refers to a definition that is not registered
   */
  validate(args: unknown[], options?: { readonly strict?: boolean }): ValidationError[] | null;
}

/** Checks one value; its paths start at the value. Never changes it. */
export interface ValueValidator {
  readonly schema: JsonSchema;
  /** @throws RpcException EINVAL when the schema refers to a definition that is not registered */
  validate(value: unknown): ValidationError[] | null;
}

/** What validators need of the registry. */
export interface ValidatorContext {
  definitions(mode: Mode): Definitions;
  preparation(mode: 'input' | 'strict'): PreparationContext;
}

export interface Argument {
  readonly schema: JsonSchema;
  readonly isOptional: boolean;
}

type InputMode = 'input' | 'strict';

interface Compiled {
  readonly check: SchemaCheck;
  readonly preparers: readonly (Prepare | null)[] | null;
}

/** Compiles nothing until first used: most methods of a plugin are not called between two reloads. */
export class CompiledArguments implements ArgumentsValidator {
  readonly schemas: readonly JsonSchema[];
  readonly minimum: number;
  readonly maximum: number;
  readonly #compiled = new Map<InputMode, Compiled>();
  readonly #defaults: readonly ((() => unknown) | null)[];

  constructor(
    private readonly args: readonly Argument[],
    private readonly context: ValidatorContext,
  ) {
    this.schemas = args.map(({ schema }) => schema);
    this.#defaults = this.schemas.map(defaultOf);
    this.maximum = args.length;
    this.minimum = args.findLastIndex((_, index) => this.#isRequired(index)) + 1;
  }

  validate(args: unknown[], options?: { readonly strict?: boolean }): ValidationError[] | null {
    const mode = options?.strict === true ? 'strict' : 'input';
    const compiled = this.#compiled.get(mode) ?? this.#compile(mode);
    const prepared = compiled.preparers === null ? args : this.#prepare(args, compiled.preparers);
    const found = shielded(compiled.check, prepared);
    if (found === null && args.length >= this.minimum && args.length <= this.maximum) {
      if (prepared !== args) args.splice(0, args.length, ...prepared);
      return null;
    }
    // an argument that is missing is told once
    const others = report(found ?? [], prepared).filter(
      ({ path: [index] }) => typeof index !== 'number' || index < args.length || index in prepared,
    );
    return [...this.#wrongCount(args.length), ...others];
  }

  #isRequired(index: number): boolean {
    return this.args[index]?.isOptional === false && this.#defaults[index] === null;
  }

  #compile(mode: InputMode): Compiled {
    const items = this.args.map(({ schema, isOptional }) => {
      const executable = toExecutable(schema, mode);
      return isOptional ? { if: { [KEYWORD.absent]: true }, else: executable } : executable;
    });
    const check = compileExecutable({ items }, this.context.definitions(mode));
    const preparation = this.context.preparation(mode);
    const preparers = this.schemas.map((schema) => compilePreparer(schema, preparation));
    const isNeeded = [...preparers, ...this.#defaults].some((step) => step !== null);
    const compiled = { check, preparers: isNeeded ? preparers : null };
    this.#compiled.set(mode, compiled);
    return compiled;
  }

  #prepare(args: unknown[], preparers: readonly (Prepare | null)[]): unknown[] {
    let result = args;
    for (const [index, prepare] of preparers.entries()) {
      const makeDefault = this.#defaults[index] ?? null;
      if (index >= args.length && makeDefault === null) continue;
      const before = args[index];
      const value = before === undefined && makeDefault !== null ? makeDefault() : before;
      const after = prepare === null ? value : shielded(prepare, value);
      if (after === before) continue;
      if (result === args) result = [...args];
      result[index] = after;
    }
    return result;
  }

  #wrongCount(length: number): ValidationError[] {
    const errors: ValidationError[] = [];
    for (let index = length; index < this.minimum; index += 1) {
      if (this.#isRequired(index)) errors.push(problem(index, 'is required'));
    }
    if (length > this.maximum) {
      errors.push(problem(this.maximum, `is not expected: at most ${this.maximum} arguments`));
    }
    return errors;
  }
}

/** Values are limited in depth where they enter the process; those made inside may still be endless. */
function shielded<T>(step: (value: unknown) => T, value: unknown): T {
  try {
    return step(value);
  } catch (error) {
    if (error instanceof RangeError) throw coded('VALUE_TOO_DEEP');
    throw error;
  }
}

const problem = (index: number, message: string): ValidationError => ({
  path: [index],
  message,
  code: Errno.EINVAL,
});

/** Checks results, events and conditions. */
export class CompiledValue implements ValueValidator {
  #compiled: { readonly check: SchemaCheck; readonly prepare: Prepare | null } | null = null;

  constructor(
    readonly schema: JsonSchema,
    private readonly mode: Mode,
    private readonly context: ValidatorContext,
  ) {}

  validate(value: unknown): ValidationError[] | null {
    this.#compiled ??= this.#compile();
    const { check, prepare } = this.#compiled;
    const prepared = prepare === null ? value : shielded(prepare, value);
    const found = shielded(check, prepared);
    return found === null ? null : report(found, prepared);
  }

  #compile() {
    const { context, mode, schema } = this;
    const check = compileExecutable(toExecutable(schema, mode), context.definitions(mode));
    const isInput = mode !== 'result';
    return { check, prepare: isInput ? compilePreparer(schema, context.preparation(mode)) : null };
  }
}
