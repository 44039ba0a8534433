import { Liquid, type Template } from 'liquidjs';
import type { Secret } from '../sdk/index.js';
import { boundIncludes, IncludeDepth } from './bounded-tags.js';
import { describeTemplateError, type TemplateFault } from './describe-error.js';
import { filtersOf } from './filters.js';
import { guarded } from './guard.js';

export interface TemplateLimits {
  /** Templates in each other. */
  readonly includeDepth: number;
  readonly renderMs: number;
  /** Characters of a template, and about as much as one may make while it is rendered. */
  readonly fileBytes: number;
}

/** Values that one rendering may make and drop again, by what ends in the file. */
const MEMORY_FACTOR = 16;
/**
 * Parsed templates that are kept: those that follow what changes often. Parsing costs a tenth of rendering, and
 * what was parsed takes seventy times the room of its text.
 */
const PARSED_KEPT = 256;

/**
 * The Liquid templates of one plugin directory. Nothing outside of the directory can be included, a name
 * that is not defined is an error, and a value cannot break out of its line. One rendering at a time.
 */
export class TemplateEngine {
  readonly #liquid: Liquid;
  /** Texts by path below the directory. */
  readonly #texts: Readonly<Record<string, string>>;
  readonly #depth: IncludeDepth;
  #reveal: (secret: Secret) => Promise<string> = () =>
    Promise.reject(new Error('Nothing is rendered'));

  /** @param templates - texts by path below the directory */
  constructor(templates: Readonly<Record<string, string>>, limits: TemplateLimits) {
    this.#depth = new IncludeDepth(limits.includeDepth);
    this.#texts = Object.assign(Object.create(null), templates) as Record<string, string>;
    this.#liquid = new Liquid({
      templates: this.#texts,
      cache: PARSED_KEPT,
      strictVariables: true,
      strictFilters: true,
      ownPropertyOnly: true,
      relativeReference: false,
      outputEscape: guarded,
      renderLimit: limits.renderMs,
      parseLimit: limits.fileBytes,
      memoryLimit: limits.fileBytes * MEMORY_FACTOR,
    });
    for (const [name, filter] of Object.entries(filtersOf((secret) => this.#reveal(secret)))) {
      this.#liquid.registerFilter(name, filter);
    }
    boundIncludes(this.#liquid, this.#depth);
  }

  /** Finds errors of syntax. @throws LiquidError with the place */
  parse(name: string): Template[] {
    if (this.#texts[name] !== undefined) return this.#liquid.parseFileSync(name);
    throw new Error(`There is no template ${name} in the plugin directory`);
  }

  /** What went wrong, of an error that {@link parse} or {@link render} has thrown. */
  describe(error: unknown): TemplateFault {
    return describeTemplateError(error, (text) => this.#nameOf(text));
  }

  #nameOf(text: string): string | undefined {
    return Object.entries(this.#texts).find(([, one]) => one === text)?.[0];
  }

  /** @throws LiquidError with the place */
  async render(
    name: string,
    data: Readonly<Record<string, unknown>>,
    reveal: (secret: Secret) => Promise<string>,
  ): Promise<string> {
    const template = this.parse(name);
    this.#depth.reset();
    this.#reveal = reveal;
    return (await this.#liquid.render(template, { ...data })) as string;
  }
}
