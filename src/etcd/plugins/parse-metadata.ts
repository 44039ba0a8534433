import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isRecord } from '../../common/index.js';
import { didYouMean, closest } from '../../config/index.js';
import {
  type Action,
  type Attributes,
  DEFAULT_DIRECTORY_MODE,
  DEFAULT_METADATA,
  DEFAULT_MODE,
  type FileMetadata,
} from '../model/index.js';
import { GROUP_SCHEMA, METADATA_PROPERTIES, METADATA_SCHEMA } from './metadata.schema.js';

const ajv = new Ajv({ strict: false, validateSchema: false, verbose: true });
const compiled = new Map<object, ValidateFunction>();

/** Permission bits beyond these run programs as somebody else, or do what nobody expects of a file. */
const PERMISSIONS = 0o777;
const READ_BY_OTHERS = 0o044;

/** What was declared, with its defaults; and the template that goes with a class. */
export interface ParsedMetadata {
  readonly metadata: FileMetadata;
  readonly template: string | null;
}

/** @throws Error naming the key and what it may be */
export function parseMetadata(raw: unknown): ParsedMetadata {
  assertFits(METADATA_SCHEMA, raw, Object.keys(METADATA_PROPERTIES));
  const given = Object.fromEntries(
    Object.entries(raw as object).filter(([, value]) => value !== undefined),
  ) as Readonly<Record<string, unknown>>;
  const { mode, directory, validate, reload, template, ...rest } = given;
  const metadata: FileMetadata = {
    ...DEFAULT_METADATA,
    ...(rest as Partial<FileMetadata>),
    mode: modeOf(mode ?? DEFAULT_MODE, 'mode'),
    directory: directoryOf((directory ?? {}) as Readonly<Record<string, unknown>>),
    validate: (isNested(validate) ? validate : validate === undefined ? [] : [validate]) as [],
    reload: (Array.isArray(reload) ? reload : reload === undefined ? [] : [reload]) as Action[],
  };
  if (metadata.sensitive === true) assertClosed(metadata.mode);
  return { metadata, template: typeof template === 'string' ? template : null };
}

/** @throws Error when others may read what is secret */
export function assertClosed(mode: number): void {
  if ((mode & READ_BY_OTHERS) === 0) return;
  throw new Error(
    `mode ${octal(mode)} would expose a secret: take 0600, or say "sensitive": "accepted"`,
  );
}

export interface ParsedGroup {
  readonly description: string | null;
  readonly dependencies: readonly string[];
  readonly atomic: boolean | null;
}

/** @throws Error naming the key and what it may be */
export function parseGroup(raw: unknown): ParsedGroup {
  assertFits(GROUP_SCHEMA, raw, Object.keys(GROUP_SCHEMA.properties));
  const group = raw as { description?: string; dependencies: string[]; atomic?: boolean };
  return {
    description: group.description ?? null,
    dependencies: group.dependencies,
    atomic: group.atomic ?? null,
  };
}

function isNested(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => Array.isArray(item));
}

function directoryOf({ mode, owner, group }: Readonly<Record<string, unknown>>): Attributes {
  return {
    mode: modeOf(mode ?? DEFAULT_DIRECTORY_MODE, 'directory.mode'),
    owner: (owner ?? null) as Attributes['owner'],
    group: (group ?? null) as Attributes['group'],
  };
}

function modeOf(given: unknown, key: string): number {
  const mode = typeof given === 'string' ? Number.parseInt(given, 8) : Number(given);
  if ((mode & ~PERMISSIONS) === 0) return mode;
  const asOctal = /^[0-7]{3}$/.test(String(given)) && typeof given === 'number';
  const hint = asOctal
    ? `in JSON write "0${String(given)}"`
    : 'setuid, setgid and sticky are refused';
  throw new Error(`${key}: ${octal(mode)} is more than permissions: ${hint}`);
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

function assertFits(schema: object, value: unknown, keys: readonly string[]): void {
  if (!isRecord(value)) throw new Error('expected an object');
  let validate = compiled.get(schema);
  if (validate === undefined) compiled.set(schema, (validate = ajv.compile(schema)));
  if (validate(value)) return;
  throw new Error(describe(validate.errors ?? [], keys));
}

/** The deepest error says most: that of the alternative which was nearly right. */
function describe(errors: readonly ErrorObject[], keys: readonly string[]): string {
  const [error] = [...errors].sort((a, b) => rank(b) - rank(a));
  if (error === undefined) return 'is not what was expected';
  const where = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    const place = where === '' ? key : `${where}.${key}`;
    return `${place}: unknown key${where === '' ? didYouMean(closest(key, keys)) : ''}`;
  }
  const allowed = (error.params as { allowedValues?: readonly unknown[] }).allowedValues;
  const detail =
    allowed === undefined ? '' : `: ${allowed.map((one) => JSON.stringify(one)).join(', ')}`;
  return `${where === '' ? '' : `${where}: `}${error.message ?? error.keyword}${detail}`;
}

function rank({ instancePath, keyword }: ErrorObject): number {
  const vague = keyword === 'anyOf' || keyword === 'type' ? 0 : 1;
  return instancePath.split('/').length * 2 + vague;
}
