import 'reflect-metadata';
import type { TypeMetadata } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import type { SchemaClass } from '../../wire/builder/index.js';

/**
 * The one place that knows where class-validator and class-transformer keep what their decorators
 * said. Both keep it in maps from the class, for ever.
 */
type AnyFunction = (...args: never[]) => unknown;
type Target = SchemaClass | AnyFunction;

interface ValidatorStorage {
  readonly validationMetadatas: Map<unknown, readonly ValidationMetadata[]>;
  readonly constraintMetadatas: Map<unknown, readonly { readonly async: boolean }[]>;
}

const NOTHING: ValidatorStorage = {
  validationMetadatas: new Map(),
  constraintMetadatas: new Map(),
};

/**
 * Looked up each time: class-validator creates it at first use and keeps it on the global object, where all of its copies
 * find it. Not asked for by its own function: that would load 300 files for who has not one of its decorators.
 */
const validator = (): ValidatorStorage =>
  (globalThis as { readonly classValidatorMetadataStorage?: ValidatorStorage })
    .classValidatorMetadataStorage ?? NOTHING;

const transformer = defaultMetadataStorage;

function stores(): readonly Map<unknown, unknown>[] {
  const { validationMetadatas, constraintMetadatas } = validator();
  return [
    validationMetadatas,
    constraintMetadatas,
    transformer._typeMetadatas,
    transformer._transformMetadatas,
    transformer._exposeMetadatas,
    transformer._excludeMetadatas,
    transformer._ancestorsMap,
  ];
}

/**
 * Every class and constraint that the decorators' libraries hold on to. The plugin host takes it
 * before it loads a plugin; what is new afterwards belongs to the plugin.
 */
export function classMetadataTargets(): Set<Target> {
  const targets = stores().flatMap((store) => [...store.keys()]);
  return new Set(targets.filter((target): target is Target => typeof target === 'function'));
}

/** Forgets classes, so that an unloaded plugin's code can be collected. Others are unaffected. */
export function purgeClassMetadata(classes: Iterable<Target>): void {
  const all = stores();
  for (const target of classes) for (const store of all) store.delete(target);
}

/** The class and those it extends, the most general first. */
function lineage(type: SchemaClass): SchemaClass[] {
  const classes: SchemaClass[] = [];
  for (
    let current: unknown = type;
    typeof current === 'function' && current !== Function.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    classes.unshift(current as SchemaClass);
  }
  return classes;
}

/**
 * What the decorators said, by property in order of declaration. Those of a derived class are added
 * to those of the inherited property: what is an heir of a class fits wherever the class does.
 */
export function propertyDecorators(type: SchemaClass): Map<string, ValidationMetadata[]> {
  const properties = new Map<string, ValidationMetadata[]>();
  for (const current of lineage(type)) {
    const own = validator().validationMetadatas.get(current) ?? [];
    for (const [property, decorators] of byProperty(own)) {
      properties.set(property, [...(properties.get(property) ?? []), ...decorators]);
    }
  }
  return properties;
}

function byProperty(decorators: readonly ValidationMetadata[]): Map<string, ValidationMetadata[]> {
  const groups = new Map<string, ValidationMetadata[]>();
  // decorators of one property run from the last to the first
  for (const decorator of decorators) {
    groups.set(decorator.propertyName, [decorator, ...(groups.get(decorator.propertyName) ?? [])]);
  }
  return groups;
}

export function isAsynchronous(constraint: unknown): boolean {
  const metadata = validator().constraintMetadatas.get(constraint) ?? [];
  return metadata.some(({ async }) => async);
}

/** What `@Type` says of a property. */
export const typeDecorator = (type: SchemaClass, property: string): TypeMetadata | undefined =>
  find(transformer._typeMetadatas, { type, property });

// Not the library's own look-up: that remembers every class it was ever asked about.
function find<T>(
  store: ReadonlyMap<unknown, ReadonlyMap<string, T>>,
  { type, property }: { readonly type: SchemaClass; readonly property: string },
): T | undefined {
  return lineage(type)
    .map((current) => store.get(current)?.get(property))
    .findLast((found) => found !== undefined);
}

/** `@Expose({ toPlainOnly: true })`: shown, never taken. */
export const isOutputOnly = (type: SchemaClass, property: string): boolean =>
  find(transformer._exposeMetadatas, { type, property })?.options.toPlainOnly === true;

/** What class-transformer would do to a property and the dispatcher does not; null when there is nothing. */
export function unsupportedTransform(type: SchemaClass, property: string): string | null {
  const place = { type, property };
  if (find(transformer._transformMetadatas, place) !== undefined) return '@Transform';
  if (find(transformer._excludeMetadatas, place) !== undefined) return '@Exclude';
  const options = find(transformer._exposeMetadatas, place)?.options ?? {};
  const option = Object.keys(options).find((key) => key !== 'toPlainOnly');
  return option === undefined ? null : `@Expose({ ${option} })`;
}

/** The type that TypeScript wrote down for a decorated property. */
export const declaredType = (type: SchemaClass, property: string): unknown =>
  Reflect.getMetadata('design:type', type.prototype as object, property);

// The keys of `@description`, which lives in a layer above this one.
const CLASS = Symbol.for('dispatcher:class');
const DESCRIPTION = Symbol.for('dispatcher:description');

export function propertyDescription(type: SchemaClass, property: string): string | undefined {
  return Reflect.getMetadata(DESCRIPTION, type.prototype as object, property) as string | undefined;
}

export function classDescription(type: SchemaClass): string | undefined {
  const metadata: unknown = Reflect.getOwnMetadata(CLASS, type);
  return (metadata as { description?: string } | undefined)?.description;
}
