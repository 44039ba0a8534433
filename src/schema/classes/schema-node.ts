import { CHECK_NAMES, type JsonSchema } from '../json-schema.js';
import { CHECKS } from '../markers.js';
import type { CustomCheck } from './custom-check.js';

/** A schema that decorators add to, one after the other. */
export class SchemaNode {
  readonly #keywords = new Map<string, unknown>();
  readonly #checks: CustomCheck[] = [];
  readonly #more: JsonSchema[] = [];

  get isEmpty(): boolean {
    return this.#keywords.size === 0 && this.#checks.length === 0;
  }

  get hasType(): boolean {
    return ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'].some((keyword) =>
      this.#keywords.has(keyword),
    );
  }

  get type(): unknown {
    return this.#keywords.get('type');
  }

  /**
   * Adds keywords that must hold as well.
   *
   * @throws Error when two decorators ask for different types
   */
  add(keywords: JsonSchema): this {
    for (const [keyword, value] of Object.entries(keywords)) {
      const present = this.#keywords.get(keyword);
      if (present === undefined || present === value) this.#keywords.set(keyword, value);
      else if (keyword === 'type') this.#keywords.set(keyword, narrower(present, value));
      else this.#more.push({ [keyword]: value });
    }
    return this;
  }

  check(check: CustomCheck): this {
    this.#checks.push(check);
    return this;
  }

  build(): JsonSchema {
    return {
      ...Object.fromEntries(this.#keywords),
      ...(this.#more.length > 0 && { allOf: this.#more }),
      ...(this.#checks.length > 0 && {
        [CHECK_NAMES]: this.#checks.map(({ name }) => name),
        [CHECKS]: this.#checks,
      }),
    };
  }
}

function narrower(a: unknown, b: unknown): unknown {
  if (a === 'number' && b === 'integer') return b;
  if (a === 'integer' && b === 'number') return a;
  throw new Error(`decorators ask for type ${String(a)} and type ${String(b)}`);
}
