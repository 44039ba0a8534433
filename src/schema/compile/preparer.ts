import { decodeExtended, setField } from '../../common/index.js';
import { extendedType, isOpaque } from '../extended-types.js';
import { isRecord, type JsonSchema, nameOfReference } from '../json-schema.js';
import { probe, type SchemaLookup } from './probe.js';

/**
 * Makes an argument ready for its check: fills in defaults, drops read-only properties, turns bare
 * strings into passwords. Never changes what it is given, as a caller inside the process may still
 * hold it: returns the very same value when there is nothing to do, else a copy along the way.
 */
export type Prepare = (value: unknown) => unknown;

/** What preparing needs to know of definitions and of the checks of a union's branches. */
export interface PreparationContext {
  /** `strict`: read-only properties stay, for the check to report them. */
  readonly mode: 'input' | 'strict';
  readonly schemaOf: SchemaLookup;
  /** Null when values of the definition need nothing. */
  preparerOf(name: string): Prepare | null;
  /** A check of one branch of a union, compiled when first used. */
  checkOf(schema: JsonSchema): (value: unknown) => boolean;
}

/** The preparer of a published schema; null when its values never need anything. */
export function compilePreparer(schema: unknown, context: PreparationContext): Prepare | null {
  if (!isRecord(schema)) return null;
  const extended = extendedType(schema);
  if (extended !== undefined) return extended.convert ?? null;
  const steps = [
    referenceStep(schema, context),
    propertiesStep(schema, context),
    valuesStep(schema, context),
    itemsStep(schema, context),
    ...branchesOf(schema, 'allOf').map((part) => compilePreparer(part, context)),
    unionStep(branchesOf(schema, 'anyOf'), context),
    unionStep(branchesOf(schema, 'oneOf'), context),
    conditionStep(schema, context),
  ].filter((step) => step !== null);
  if (steps.length < 2) return steps[0] ?? null;
  return (value) => steps.reduce((current, step) => step(current), value);
}

/** A fresh default each time: it may be an object that the method goes on to change. */
export function defaultOf(schema: unknown): (() => unknown) | null {
  if (!isRecord(schema) || !('default' in schema)) return null;
  const value = schema['default'];
  if (typeof value !== 'object' || value === null) return () => value;
  const text = JSON.stringify(value);
  return () => decodeExtended(JSON.parse(text));
}

function referenceStep(schema: JsonSchema, context: PreparationContext): Prepare | null {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return null;
  const name = nameOfReference(reference) ?? reference;
  return (value) => {
    const prepare = context.preparerOf(name);
    return prepare === null ? value : prepare(value);
  };
}

interface PropertyPlan {
  readonly name: string;
  readonly isDropped: boolean;
  readonly makeDefault: (() => unknown) | null;
  readonly prepare: Prepare | null;
}

function propertiesStep(schema: JsonSchema, context: PreparationContext): Prepare | null {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const plans = Object.entries(properties)
    .map(([name, property]): PropertyPlan => {
      const isReadOnly = isRecord(property) && property['readOnly'] === true;
      return {
        name,
        isDropped: isReadOnly && context.mode === 'input',
        makeDefault: isReadOnly ? null : defaultOf(property),
        prepare: isReadOnly ? null : compilePreparer(property, context),
      };
    })
    .filter(({ isDropped, makeDefault, prepare }) => isDropped || makeDefault || prepare);
  if (plans.length === 0) return null;
  return (value) => {
    if (!isPlainObject(value)) return value;
    let result = value;
    for (const plan of plans) result = prepareProperty(result, { plan, original: value });
    return result;
  };
}

interface PropertyJob {
  readonly plan: PropertyPlan;
  readonly original: JsonSchema;
}

function prepareProperty(result: JsonSchema, { plan, original }: PropertyJob): JsonSchema {
  const { name, isDropped, makeDefault, prepare } = plan;
  const isPresent = Object.hasOwn(result, name) && result[name] !== undefined;
  if (isDropped) {
    if (!isPresent) return result;
    const without = result === original ? copyOf(original) : result;
    Reflect.deleteProperty(without, name);
    return without;
  }
  if (!isPresent && makeDefault === null) return result;
  const before = isPresent ? result[name] : makeDefault?.();
  const after = prepare === null ? before : prepare(before);
  if (isPresent && after === before) return result;
  const changed = result === original ? copyOf(original) : result;
  setField(changed, name, after);
  return changed;
}

function valuesStep(schema: JsonSchema, context: PreparationContext): Prepare | null {
  const prepare = compilePreparer(schema['additionalProperties'], context);
  if (prepare === null) return null;
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  return (value) => {
    if (!isPlainObject(value)) return value;
    let result = value;
    for (const name of Object.keys(value)) {
      if (Object.hasOwn(properties, name)) continue;
      const after = prepare(value[name]);
      if (after === value[name]) continue;
      if (result === value) result = copyOf(value);
      setField(result, name, after);
    }
    return result;
  };
}

function itemsStep({ items }: JsonSchema, context: PreparationContext): Prepare | null {
  const isTuple = Array.isArray(items);
  const prepares = (isTuple ? (items as unknown[]) : [items]).map((item) =>
    compilePreparer(item, context),
  );
  if (prepares.every((prepare) => prepare === null)) return null;
  return (value) => {
    if (!Array.isArray(value)) return value;
    let result: unknown[] = value;
    const length = isTuple ? Math.min(value.length, prepares.length) : value.length;
    for (let index = 0; index < length; index += 1) {
      const prepare = prepares[isTuple ? index : 0] ?? null;
      const before: unknown = value[index];
      const after = prepare === null ? before : prepare(before);
      if (after === before) continue;
      if (result === value) result = [...(value as unknown[])];
      result[index] = after;
    }
    return result;
  };
}

/** Takes the first branch that the prepared value fits, if preparing changes anything at all. */
function unionStep(branches: readonly JsonSchema[], context: PreparationContext): Prepare | null {
  const plans = branches.map((branch) => ({
    branch,
    prepare: compilePreparer(branch, context),
    fits: context.checkOf(branch),
  }));
  if (plans.every(({ prepare }) => prepare === null)) return null;
  return (value) => {
    const candidates = plans
      .filter(({ branch }) => probe(branch, value, context.schemaOf) === null)
      .map(({ prepare, fits }) => ({ fits, prepared: prepare === null ? value : prepare(value) }));
    if (candidates.every(({ prepared }) => prepared === value)) return value;
    return candidates.find(({ fits, prepared }) => fits(prepared))?.prepared ?? value;
  };
}

function conditionStep(schema: JsonSchema, context: PreparationContext): Prepare | null {
  if (!isRecord(schema['if'])) return null;
  const then = compilePreparer(schema['then'], context);
  const otherwise = compilePreparer(schema['else'], context);
  if (then === null && otherwise === null) return null;
  const holds = context.checkOf(schema['if']);
  return (value) => {
    const prepare = holds(value) ? then : otherwise;
    return prepare === null ? value : prepare(value);
  };
}

const branchesOf = (schema: JsonSchema, keyword: string): JsonSchema[] => {
  const branches = schema[keyword];
  return Array.isArray(branches) ? branches.filter(isRecord) : [];
};

const isPlainObject = (value: unknown): value is JsonSchema => isRecord(value) && !isOpaque(value);

/** Keeps the prototype: code inside the process passes instances of its own classes. */
function copyOf(value: JsonSchema): JsonSchema {
  const copy: JsonSchema = { ...value };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype) Object.setPrototypeOf(copy, prototype as object | null);
  return copy;
}
