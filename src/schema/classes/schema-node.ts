import { CHECK_NAMES, type JsonSchema } from '../json-schema.js';
import { CHECKS } from '../markers.js';
import type { CustomCheck } from './custom-check.js';

/** A schema that decorators add to, one after the other. */
export class SchemaNode {
  readonly #keywords = new Map<string, unknown>();
  readonly #checks: CustomCheck[] = [];
  /** Checks of each element, which run beside the list that holds them. */
  readonly #elementChecks: string[] = [];
  /** Keywords that a check of these stands in for, with the check. */
  readonly #worded = new Map<CustomCheck, Set<string>>();
  readonly #more: JsonSchema[] = [];

  get isEmpty(): boolean {
    return (
      this.#keywords.size === 0 &&
      this.#checks.length === 0 &&
      this.#elementChecks.length === 0 &&
      this.#more.length === 0
    );
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
      else if (keyword === 'type') {
        this.#keywords.set(keyword, narrower(present, value));
        for (const replaced of this.#worded.values()) replaced.delete(keyword);
      } else this.#more.push({ [keyword]: value });
    }
    return this;
  }

  /** As {@link add}, but who breaks them is told by the check. */
  addWorded(keywords: JsonSchema, check: CustomCheck): this {
    this.add(keywords);
    const own = Object.entries(keywords).filter(
      ([keyword, value]) => this.#keywords.get(keyword) === value,
    );
    this.#worded.set(check, new Set(own.map(([keyword]) => keyword)));
    return this;
  }

  /** A whole schema that must hold besides. */
  also(schema: JsonSchema): this {
    this.#more.push(schema);
    return this;
  }

  check(check: CustomCheck): this {
    this.#checks.push(check);
    return this;
  }

  /** What clients are told of a check that runs beside the list; no format is checked besides it. */
  checkedAbove(name: string): this {
    this.#elementChecks.push(name);
    return this;
  }

  build(): JsonSchema {
    const worded = [...this.#worded].map(([check, replaces]) => ({ ...check, replaces }));
    const own = this.#checks.filter(({ isForEach }) => isForEach !== true);
    const names = [...own.map(({ name }) => name), ...this.#elementChecks];
    const checks = [...this.#checks, ...worded];
    return {
      ...Object.fromEntries(this.#keywords),
      ...(this.#more.length > 0 && { allOf: this.#more }),
      ...(names.length > 0 && { [CHECK_NAMES]: names }),
      ...(checks.length + names.length > 0 && { [CHECKS]: checks }),
    };
  }
}

function narrower(a: unknown, b: unknown): unknown {
  if (a === 'number' && b === 'integer') return b;
  if (a === 'integer' && b === 'number') return a;
  throw new Error(`decorators ask for type ${String(a)} and type ${String(b)}`);
}
