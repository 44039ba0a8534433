import { empty, fill } from './fill.js';
import { isList, type Json, type JsonObject } from './json.js';
import type { FormNode } from './nodes.js';
import { type Problem, read, type ReadOptions } from './read.js';
import type { SchemaIndex } from './schema-index.js';
import type { Schema } from './shape.js';

/** One argument of a method or task. */
export interface Parameter {
  readonly label: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

interface Argument {
  readonly isPresent: boolean;
  readonly node: FormNode;
}

/** A form for the arguments of a call: one after the other, trailing ones may be left out. */
export interface ArgumentsForm {
  readonly parameters: readonly Parameter[];
  readonly args: readonly Argument[];
}

export interface ArgumentsReading {
  readonly args: readonly Json[];
  readonly problems: readonly Problem[];
}

/** How the server describes parameters: schemas by place, names where they are known. */
export interface ParametersSource {
  readonly schemas: readonly Schema[];
  readonly names: readonly string[] | null;
  /** How many must be given; all, when it is not known. */
  readonly minimum: number;
}

export function parametersOf({ schemas, names, minimum }: ParametersSource): Parameter[] {
  return schemas.map((schema, index) => ({
    label: names?.[index] ?? titleOf(schema) ?? `argument ${index + 1}`,
    schema,
    isRequired: index < minimum,
  }));
}

function titleOf(schema: Schema): string | null {
  const title = typeof schema === 'object' ? schema['title'] : undefined;
  return typeof title === 'string' && title !== '' ? title : null;
}

export function emptyArguments(
  parameters: readonly Parameter[],
  schemaIndex: SchemaIndex,
): ArgumentsForm {
  const args = parameters.map(({ schema, isRequired }) => ({
    isPresent: isRequired,
    node: empty(schema, schemaIndex),
  }));
  return { parameters, args };
}

/** Surplus arguments get a place too: an error is to be seen, not to be dropped. */
export function fillArguments(
  parameters: readonly Parameter[],
  values: readonly Json[],
  schemaIndex: SchemaIndex,
): ArgumentsForm {
  const surplus = values.slice(parameters.length).map((_, index): Parameter => ({
    label: `argument ${parameters.length + index + 1}`,
    schema: true,
    isRequired: false,
  }));
  const all = [...parameters, ...surplus];
  const args = all.map(({ schema }, index): Argument => {
    const value = values[index];
    if (value === undefined) return { isPresent: false, node: empty(schema, schemaIndex) };
    return { isPresent: true, node: fill(schema, value, schemaIndex) };
  });
  return { parameters: all, args };
}

/** The arguments up to the last one that is given; the paths of problems start with the place. */
export function readArguments(form: ArgumentsForm, options: ReadOptions = {}): ArgumentsReading {
  const count = form.args.findLastIndex(({ isPresent }) => isPresent) + 1;
  const problems: Problem[] = [];
  const args = form.args.slice(0, count).map(({ isPresent, node }, index): Json => {
    const reading = isPresent ? read(node, options) : { value: undefined, problems: [] };
    problems.push(
      ...reading.problems.map(({ path, message }) => ({ path: [index, ...path], message })),
    );
    if (reading.value === undefined && reading.problems.length === 0) {
      problems.push({ path: [index], message: 'is required' });
    }
    return reading.value ?? null;
  });
  return { args, problems };
}

/** One schema for the array of arguments, as the checker wants it. */
export function argumentsSchema(
  parameters: readonly Parameter[],
  schemaIndex: SchemaIndex,
): JsonObject {
  return schemaIndex.bundle({
    type: 'array',
    items: parameters.map(({ schema }) => schema),
    minItems: parameters.findLastIndex(({ isRequired }) => isRequired) + 1,
    additionalItems: false,
  });
}

/** Raw text of a JSON view as arguments; null when it is no list. */
export function parseArguments(text: string): readonly Json[] | null {
  try {
    const value = JSON.parse(text) as Json;
    return isList(value) ? value : null;
  } catch {
    return null;
  }
}
