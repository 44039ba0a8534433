import { branchesOf, type Definitions, isSchema, type Schema, specialOf } from './schema.js';

/** Where a value does not fit, and what would. */
export interface Misfit {
  readonly path: readonly (string | number)[];
  /** As the server says it: `must be integer`. */
  readonly message: string;
}

const MAX_DEPTH = 20;

/**
 * The first thing about a value that its schema cannot take: kinds of values, words of a list, properties
 * that are missing or that there are none of. Everything else (lengths, ranges, patterns) is for the server.
 */
export function misfitOf(value: unknown, schema: unknown, definitions: Definitions): Misfit | null {
  return found(value, schema, { definitions, path: [] });
}

interface Place {
  readonly definitions: Definitions;
  readonly path: Misfit['path'];
}

function found(value: unknown, schema: unknown, place: Place): Misfit | null {
  if (place.path.length > MAX_DEPTH || schema === true) return null;
  const branches = branchesOf(schema, place.definitions);
  const misfits: Misfit[] = [];
  for (const branch of branches) {
    const misfit = ofBranch(value, branch, place);
    if (misfit === null) return null;
    misfits.push(misfit);
  }
  // whichever came furthest was most likely meant
  const [deepest] = [...misfits].sort((a, b) => b.path.length - a.path.length);
  if (deepest === undefined || deepest.path.length > place.path.length) return deepest ?? null;
  const wanted = [...new Set(misfits.map(({ message }) => message.replace(/^must be /, '')))];
  return { path: place.path, message: `must be ${wanted.join(' or ')}` };
}

function ofBranch(value: unknown, schema: Schema, place: Place): Misfit | null {
  const { path } = place;
  const { enum: choices, type } = schema;
  if (Array.isArray(choices)) {
    const isOne = choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value));
    return isOne ? null : { path, message: `must be one of ${choices.map(String).join(', ')}` };
  }
  if ('const' in schema && JSON.stringify(schema['const']) !== JSON.stringify(value)) {
    return { path, message: `must be ${JSON.stringify(schema['const'])}` };
  }
  const special = specialOf(schema);
  if (special !== null) {
    return isSpecial(value, special)
      ? null
      : { path, message: `must be ${NAMES[special] ?? special}` };
  }
  if (typeof type === 'string' && !isOfType(value, type)) {
    return { path, message: `must be ${type === 'string' ? 'text' : type}` };
  }
  if (Array.isArray(value)) return ofItems(value, schema, place);
  return isSchema(value) && !isExtended(value) ? ofProperties(value, schema, place) : null;
}

const NAMES: Readonly<Record<string, string>> = {
  datetime: 'a time such as 2026-01-31T12:00Z or -2h',
  long: 'integer',
  binary: 'bytes',
  password: 'a password',
};
const KEYS: Readonly<Record<string, string>> = {
  datetime: '$date',
  long: '$long',
  binary: '$binary',
  password: '$password',
};

/** Of forms that this program does not know the server knows. */
function isSpecial(value: unknown, special: string): boolean {
  const key = KEYS[special];
  if (key === undefined) return true;
  if (isSchema(value)) return Object.hasOwn(value, key);
  return special === 'long'
    ? Number.isInteger(value)
    : special === 'password' && typeof value === 'string';
}

const isExtended = (value: object): boolean =>
  Object.keys(value).some((key) => key.startsWith('$'));
const isLong = (value: unknown): boolean => isSchema(value) && Object.hasOwn(value, '$long');

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isSchema(value);
    case 'integer':
      return Number.isInteger(value) || isLong(value);
    case 'number':
      return typeof value === 'number' || isLong(value);
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      return true;
  }
}

function ofItems(values: readonly unknown[], { items }: Schema, place: Place): Misfit | null {
  for (const [at, value] of values.entries()) {
    const schema: unknown = Array.isArray(items) ? items[at] : items;
    if (schema === undefined) continue;
    const misfit = found(value, schema, { ...place, path: [...place.path, at] });
    if (misfit !== null) return misfit;
  }
  return null;
}

function ofProperties(value: Schema, schema: Schema, place: Place): Misfit | null {
  const { required, additionalProperties } = schema;
  const properties = isSchema(schema['properties']) ? schema['properties'] : null;
  for (const name of Array.isArray(required) ? (required as unknown[]) : []) {
    if (typeof name !== 'string' || Object.hasOwn(value, name)) continue;
    return { path: [...place.path, name], message: 'is required' };
  }
  for (const [name, item] of Object.entries(value)) {
    const path = [...place.path, name];
    const own = properties !== null && Object.hasOwn(properties, name) ? properties[name] : null;
    if (own === null && additionalProperties === false && properties !== null) {
      return { path, message: `there is none; there are ${Object.keys(properties).join(', ')}` };
    }
    const misfit = own === null ? null : found(item, own, { ...place, path });
    if (misfit !== null) return misfit;
  }
  return null;
}
