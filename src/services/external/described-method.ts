import { coded } from '../../common/index.js';
import type { JsonSchema } from '../../sdk/index.js';
import { isMethodName } from './names.js';
import { assertSchemaSize } from './schema-size.js';

const MAX_METHODS = 1_000;
const MAX_TEXT_LENGTH = 4_096;
const MAX_NAMES = 64;
const MAX_NAME_LENGTH = 256;

type Fields = Readonly<Record<string, unknown>>;

/** What a service says of one method: what is missing was filled in, nothing was left out. */
export interface DescribedMethod {
  readonly name: string;
  readonly description: string | null;
  readonly deprecated: string | null;
  readonly roles: readonly string[];
  readonly isPrivate: boolean;
  readonly isGenerator: boolean;
  /** The schema of a row, of a method that answers queries. */
  readonly row: JsonSchema | null;
  readonly parameters: readonly string[] | null;
  /** Null: the arguments are passed on as they come. */
  readonly accepts: readonly JsonSchema[] | null;
  /** How many of them must be given. */
  readonly required: number;
  readonly returns: JsonSchema | null;
}

const KNOWN = new Set([
  ...['name', 'description', 'deprecated', 'roles', 'private', 'generator', 'query'],
  ...['parameters', 'params-schema', 'result-schema', 'unauthenticated'],
]);

/**
 * What a service says of its methods when it registers: a list, or an object by name.
 *
 * @throws RpcException EINVAL naming the method and what is wrong with it
 */
export function readMethods(methods: unknown): DescribedMethod[] {
  const list = Array.isArray(methods) ? (methods as unknown[]) : listOf(methods);
  if (list.length > MAX_METHODS) {
    throw coded('TOO_MANY_METHODS', { count: list.length, limit: MAX_METHODS });
  }
  const described = list.map(readMethod);
  const names = new Set<string>();
  for (const { name } of described) {
    if (names.has(name)) throw refused(name, 'it is described twice');
    names.add(name);
  }
  return described;
}

function listOf(methods: unknown): Fields[] {
  if (!isRecord(methods)) throw refused('?', 'methods are a list or an object by name');
  return Object.entries(methods).map(([name, fields]) => ({
    ...(isRecord(fields) ? fields : { fault: fields }),
    name,
  }));
}

function readMethod(value: unknown): DescribedMethod {
  const fields: Fields = isRecord(value) ? value : {};
  const { name } = fields;
  if (typeof name !== 'string' || !isMethodName(name)) {
    throw refused(shortened(name), 'it is no name of a method: letters, digits and _');
  }
  const unknown = Object.keys(fields).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw refused(name, `${shortened(unknown)} is not known`);
  if (fields['unauthenticated'] === true) throw refused(name, 'no login is always needed for it');
  const row = readRow(name, fields['query']);
  const params = readParams(name, fields['params-schema']);
  if (row !== null && (params !== null || fields['result-schema'] !== undefined)) {
    throw refused(name, 'query says what its arguments and its result are');
  }
  return {
    name,
    description: readText(name, 'description', fields['description']),
    deprecated: readText(name, 'deprecated', fields['deprecated']),
    roles: readNames(name, 'roles', fields['roles']) ?? [],
    isPrivate: readFlag(name, 'private', fields['private']),
    isGenerator: readFlag(name, 'generator', fields['generator']),
    row,
    parameters: readNames(name, 'parameters', fields['parameters']),
    accepts: params?.items ?? null,
    required: params?.required ?? 0,
    returns:
      fields['result-schema'] == null
        ? null
        : readSchema(name, 'result-schema', fields['result-schema']),
  };
}

function readRow(name: string, query: unknown): JsonSchema | null {
  if (query === undefined || query === null || query === false) return null;
  return query === true ? {} : readSchema(name, 'query', query);
}

interface Params {
  readonly items: readonly JsonSchema[];
  readonly required: number;
}

function readParams(name: string, value: unknown): Params | null {
  if (value === undefined || value === null) return null;
  const { items, minItems, ...rest } = isRecord(value) ? value : { wrong: value };
  const strange = Object.entries(rest).find(([key, of]) => key !== 'type' || of !== 'array');
  if (strange !== undefined || !Array.isArray(items) || items.length > MAX_NAMES) {
    const shape = `{type: 'array', items: [schema, …], minItems?}, ${MAX_NAMES} items at most`;
    throw refused(name, `params-schema is not ${shape}`);
  }
  const required = minItems ?? items.length;
  if (
    !Number.isInteger(required) ||
    (required as number) < 0 ||
    (required as number) > items.length
  ) {
    throw refused(name, 'minItems of params-schema is no number of arguments');
  }
  const schemas = (items as unknown[]).map((item, at) => readSchema(name, `argument ${at}`, item));
  return { items: schemas, required: required as number };
}

function readSchema(name: string, what: string, value: unknown): JsonSchema {
  if (!isRecord(value)) throw refused(name, `${what} is no schema`);
  assertSchemaSize(`of ${name}`, value);
  return value;
}

function readFlag(name: string, field: string, value: unknown): boolean {
  if (value !== undefined && value !== null && typeof value !== 'boolean') {
    throw refused(name, `${field} is neither true nor false`);
  }
  return value === true;
}

function readText(name: string, field: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > MAX_TEXT_LENGTH) {
    throw refused(name, `${field} is no text of up to ${MAX_TEXT_LENGTH} characters`);
  }
  return value;
}

function readNames(name: string, field: string, value: unknown): string[] | null {
  if (value === undefined || value === null) return null;
  const isName = (item: unknown): item is string =>
    typeof item === 'string' && item !== '' && item.length <= MAX_NAME_LENGTH;
  if (!Array.isArray(value) || value.length > MAX_NAMES || !value.every(isName)) {
    throw refused(name, `${field} is no list of up to ${MAX_NAMES} names`);
  }
  return value;
}

function refused(method: string, reason: string): Error {
  return coded('METHOD_DESCRIPTION_INVALID', { method, reason });
}

function shortened(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 128) : typeof value);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
