import { coded } from '../error-catalog.js';
import type { QueryLimits } from './filter.js';
import { expressionSize, MAX_PATTERN_SIZE } from './pattern.js';

/** Steps of all expressions of a query: what compiling them costs. */
const MAX_EXPRESSIONS = 5_000;
/** Refused when it is parsed. */
const MAX_VALUE_DEPTH = 100;

type Counted = Exclude<keyof QueryLimits, 'filterDepth' | 'rows' | 'answerBytes'>;

/** What is said of each limit: its name in the configuration, what it counts, the way out. */
const LIMITS: Readonly<Record<Counted, readonly [name: string, what: string, advice: string]>> = {
  conditions: ['query-conditions', 'conditions', 'use "in" for many values of one field'],
  values: ['query-values', 'values in its lists and objects', 'ask for them in several queries'],
  patterns: ['query-patterns', 'patterns', 'join them, or ask in several queries'],
  patternCharacters: ['query-pattern-characters', 'characters of patterns', 'use shorter ones'],
  sortFields: ['query-sort-fields', 'fields to sort by', 'leave out the last ones'],
  selectFields: ['query-select-fields', 'fields to select or exclude', 'name an outer field'],
};

/**
 * A text that is searched for is cheap while it is short, and costs its length times that of the
 * searched one in the worst case.
 */
const FREE_CHARACTERS = 64;

/**
 * The one place where the cost of a query is judged: before its shape is checked, before any driver
 * sees it. Malformed queries pass, whoever parses them says what is wrong with them; the work here is
 * bounded by the limits, whatever comes in.
 *
 * @throws RpcException EINVAL naming the limit
 */
export function assertAffordable(filter: unknown, params: unknown, limits: QueryLimits): void {
  new Judge(limits).judge(filter, params);
}

class Judge {
  readonly #spent = { conditions: 0, values: 0, patterns: 0, patternCharacters: 0 };
  #expressionSize = 0;

  constructor(private readonly limits: QueryLimits) {}

  judge(filter: unknown, params: unknown): void {
    if (Array.isArray(filter)) this.#conditions(filter, 1);
    if (typeof params !== 'object' || params === null) return;
    const { sort, select, exclude } = params as Readonly<Record<string, unknown>>;
    this.#fields('sortFields', sort);
    this.#fields('selectFields', select);
    this.#fields('selectFields', exclude);
  }

  #conditions(conditions: readonly unknown[], depth: number): void {
    this.#spend('conditions', conditions.length);
    if (depth > this.limits.filterDepth) return; // refused when it is parsed
    for (const condition of conditions) {
      if (Array.isArray(condition)) this.#condition(condition, depth);
    }
  }

  #condition(condition: readonly unknown[], depth: number): void {
    const [, second, value] = condition;
    if (condition.length === 2) {
      if (Array.isArray(second)) this.#conditions(second, depth + 1);
      return;
    }
    this.#values(value, depth);
    if (typeof value !== 'string') return;
    if (second === '~' || second === 'match') {
      this.#spend('patterns', 1);
      this.#spend('patternCharacters', value.length);
      if (second === '~') this.#expression(value);
    } else if (second === 'contains' || second === 'ncontains') {
      this.#spend('patternCharacters', Math.max(0, value.length - FREE_CHARACTERS));
    }
  }

  #expression(pattern: string): void {
    const size = expressionSize(pattern);
    if (size > MAX_PATTERN_SIZE) throw coded('PATTERN_TOO_LARGE', { limit: MAX_PATTERN_SIZE });
    this.#expressionSize += size;
    if (this.#expressionSize > MAX_EXPRESSIONS) {
      throw coded('PATTERNS_TOO_LARGE', { limit: MAX_EXPRESSIONS });
    }
  }

  /** Values inside of values are compared too. */
  #values(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || depth > MAX_VALUE_DEPTH) return;
    const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    this.#spend('values', items.length);
    for (const item of items) this.#values(item, depth + 1);
  }

  #fields(limit: 'sortFields' | 'selectFields', fields: unknown): void {
    if (Array.isArray(fields) && fields.length > this.limits[limit]) throw this.#tooMany(limit);
  }

  #spend(limit: Exclude<Counted, 'sortFields' | 'selectFields'>, amount: number): void {
    this.#spent[limit] += amount;
    if (this.#spent[limit] > this.limits[limit]) throw this.#tooMany(limit);
  }

  #tooMany(key: Counted): Error {
    const [name, what, advice] = LIMITS[key];
    return coded('QUERY_TOO_LARGE', { limit: this.limits[key], what, name, advice });
  }
}
