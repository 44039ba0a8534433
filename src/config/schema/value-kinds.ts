import type { FormatName } from './formats.js';

/**
 * The kinds of value the configuration knows, as the JSON Schemas they are published as. Every
 * number has both limits, so that a slip of the finger is an error and not an odd server.
 */
interface IntegerSchema {
  readonly type: 'integer';
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default?: number;
}

interface BooleanSchema {
  readonly type: 'boolean';
  readonly description: string;
  readonly default: boolean;
}

interface StringSchema {
  readonly type: 'string';
  readonly description: string;
  readonly format: FormatName;
  readonly default?: string;
}

interface ChoiceSchema<T extends string = string> {
  readonly enum: readonly T[];
  readonly description: string;
  readonly default?: T;
}

interface ListSchema {
  readonly type: 'array';
  readonly description: string;
  readonly items: { readonly type: 'string'; readonly format: FormatName };
  readonly default: readonly string[];
}

/** Sections that somebody else names and checks. */
export interface ForeignSectionsSchema {
  readonly type: 'object';
  readonly description: string;
  readonly additionalProperties: { readonly type: 'object' };
  readonly default: Readonly<Record<string, object>>;
}

/** Texts by names that people choose. */
export interface TextsSchema {
  readonly type: 'object';
  readonly description: string;
  readonly additionalProperties: { readonly type: 'string' };
  readonly default: Readonly<Record<string, string>>;
}

export interface SectionSchema<P extends Properties = Properties> {
  readonly type: 'object';
  readonly description: string;
  readonly additionalProperties: boolean;
  readonly properties: P;
}

/** Marks a section that is null where the file has none; no key of the published schema. */
const OPTIONAL = Symbol('optional section');

export interface OptionalSectionSchema<P extends Properties = Properties> extends SectionSchema<P> {
  readonly [OPTIONAL]: true;
}

export type ValueSchema =
  | IntegerSchema
  | BooleanSchema
  | StringSchema
  | ChoiceSchema
  | ListSchema
  | ForeignSectionsSchema
  | TextsSchema;
export type Properties = Readonly<Record<string, ValueSchema | SectionSchema>>;

const MAX_PORT = 65_535;
const MAX_COUNT = 1_000_000_000;
const MAX_BYTES = 1_073_741_824;
/** Node's timers overflow above this and fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

export function section<const P extends Properties>(
  description: string,
  properties: P,
): SectionSchema<P> {
  return { type: 'object', description, additionalProperties: false, properties };
}

/** A section whose absence means something else than its defaults. */
export function optionalSection<const P extends Properties>(
  description: string,
  properties: P,
): OptionalSectionSchema<P> {
  return { ...section(description, properties), [OPTIONAL]: true };
}

export function isOptional(schema: SectionSchema): boolean {
  return OPTIONAL in schema;
}

export function port(fallback: number, description: string) {
  return integer([0, MAX_PORT], fallback, description);
}

export function count(fallback: number, description: string) {
  return integer([1, MAX_COUNT], fallback, description);
}

export function bytes(fallback: number, description: string) {
  return integer([1, MAX_BYTES], fallback, description);
}

export function milliseconds(fallback: number, description: string) {
  return integer([1, MAX_TIMER_MS], fallback, description);
}

/** Seconds that end up in a timer, so bounded by what a timer can hold. */
export function seconds(fallback: number, description: string) {
  return integer([1, Math.floor(MAX_TIMER_MS / 1_000)], fallback, description);
}

/** A count whose default depends on the machine; absent, it is null. */
export function countByMachine(minimum: number, description: string) {
  return { type: 'integer', minimum, maximum: 4_096, description } as const;
}

export function toggle(fallback: boolean, description: string) {
  return { type: 'boolean', default: fallback, description } as const;
}

export function choice<const T extends string>(
  options: readonly T[],
  fallback: NoInfer<T>,
  description: string,
) {
  return { enum: options, default: fallback, description } as const;
}

/** A choice whose default depends on the machine; absent, it is null. */
export function optionalChoice<const T extends string>(options: readonly T[], description: string) {
  return { enum: options, description } as const;
}

/** A text without a default; absent, it is null. */
export function optionalText(format: FormatName, description: string) {
  return { type: 'string', format, description } as const;
}

export function text(format: FormatName, fallback: string, description: string) {
  return { type: 'string', format, default: fallback, description } as const;
}

export function list(format: FormatName, description: string) {
  return { type: 'array', items: { type: 'string', format }, default: [], description } as const;
}

export function foreignSections(description: string): ForeignSectionsSchema {
  return { type: 'object', additionalProperties: { type: 'object' }, default: {}, description };
}

export function texts(description: string): TextsSchema {
  return { type: 'object', additionalProperties: { type: 'string' }, default: {}, description };
}

/** A number without a default; absent, it is null. */
export function optionalInteger(range: readonly [number, number], description: string) {
  const [minimum, maximum] = range;
  return { type: 'integer', minimum, maximum, description } as const;
}

/** For what other bounds than those of the kinds above are right. */
export function integer(range: readonly [number, number], fallback: number, description: string) {
  const [minimum, maximum] = range;
  return { type: 'integer', minimum, maximum, default: fallback, description } as const;
}
