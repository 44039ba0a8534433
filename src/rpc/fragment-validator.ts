import type { ValidationError } from '../common/index.js';
import type { JsonSchema, Ownership, SchemaRegistry, ValueValidator } from '../schema/index.js';

/**
 * Some items of an array are no array of its schema: its least length, for one, is not theirs. What
 * is left to check is each item; a schema that does not say what that is admits every one.
 */
export class FragmentValidator implements ValueValidator {
  #compiled: { readonly items: unknown; readonly validator: ValueValidator } | null = null;

  constructor(
    readonly schema: JsonSchema,
    private readonly schemas: SchemaRegistry,
    private readonly options: Ownership,
  ) {}

  validate(value: unknown): ValidationError[] | null {
    // asked each time, for the array may be a definition that comes or changes later
    const items = this.schemas.itemsOf(this.schema);
    if (items === null) return null;
    if (this.#compiled?.items !== items) {
      const validator = this.schemas.compileValue({ type: 'array', items }, 'result', this.options);
      this.#compiled = { items, validator };
    }
    return this.#compiled.validator.validate(value);
  }
}
