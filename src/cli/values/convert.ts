import type { WrittenValue } from './argument-words.js';
import { branchesOf, type Definitions, isSchema, type Schema, specialOf } from './schema.js';
import { bytesOf, momentOf, secondsOf } from './units.js';

const YES = new Set(['yes', 'true', 'on']);
const NO = new Set(['no', 'false', 'off']);
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const MAX_DEPTH = 10;

/** Nothing that the schema would take. */
const UNFIT = Symbol('does not fit');

/**
 * The value that was written, in its form on the wire. A bare text is what the schema says that it may be:
 * a number, a word of an enum, a list by commas, a time. What fits nothing stays the text that it is: the
 * server judges it and says what would fit.
 */
export function convert(written: WrittenValue, schema: unknown, definitions: Definitions): unknown {
  if (written.kind === 'json') return written.value;
  const place: Place = { branches: branchesOf(schema, definitions), definitions, depth: 0 };
  switch (written.kind) {
    case 'file':
      return fileValue(written, place);
    case 'text':
      return convertText(written.text, place);
    case 'quoted':
      return quotedValue(written.text, place);
    case 'data':
      return dataValue(written.value, place);
    case 'list':
      return listValue(written.items, place);
    case 'object':
      return objectValue(written.entries, place);
  }
}

type Written<Kind extends WrittenValue['kind']> = WrittenValue & { readonly kind: Kind };

function fileValue({ bytes, text }: Written<'file'>, place: Place): unknown {
  const wantsBytes = place.branches.some((branch) => specialOf(branch) === 'binary');
  if (wantsBytes || text === null) return { $binary: bytes.toString('base64') };
  return takesText(place) ? text : convertText(text.trim(), place);
}

/** Said to be text: it is one, unless nothing here is. */
function quotedValue(text: string, place: Place): unknown {
  const isFree = takesText(place) || place.branches.some(isAnything);
  return isFree ? text : convertText(text, place);
}

const takesText = ({ branches }: Place): boolean =>
  branches.some((branch) => branch['type'] === 'string' && specialOf(branch) === null);

/** As it is; a text, or a number where only text fits, as if it had been written here. */
function dataValue(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return quotedValue(value, place);
  if (typeof value !== 'number' && typeof value !== 'boolean') return value;
  const isOther = place.branches.every((branch) => {
    return branch['type'] === 'string' || specialOf(branch) !== null;
  });
  return isOther && place.branches.length > 0 ? convertText(String(value), place) : value;
}

function listValue(items: Written<'list'>['items'], { branches, definitions }: Place): unknown {
  const list = branches.find((branch) => branch['type'] === 'array')?.['items'];
  return items.map((item, at) => {
    const schema: unknown = Array.isArray(list) ? list[at] : list;
    return convert(item, schema ?? {}, definitions);
  });
}

function objectValue(
  entries: Written<'object'>['entries'],
  { branches, definitions }: Place,
): unknown {
  const of = branches.find((branch) => isSchema(branch['properties'] ?? branch));
  const properties = (of?.['properties'] ?? {}) as Readonly<Record<string, unknown>>;
  const others = of?.['additionalProperties'];
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : others;
      return [name, convert(value, isSchema(own) ? own : {}, definitions)] as const;
    }),
  );
}

interface Place {
  readonly branches: readonly Schema[];
  readonly definitions: Definitions;
  readonly depth: number;
}

function convertText(text: string, { branches, definitions, depth }: Place): unknown {
  if (depth > MAX_DEPTH) return text;
  // text fits a string whatever it is: what is narrower goes first
  const ordered = [...branches].sort((a, b) => breadthOf(a) - breadthOf(b));
  for (const branch of ordered) {
    const value = fitted(text, branch, { branches, definitions, depth });
    if (value !== UNFIT) return value;
  }
  return text;
}

function breadthOf(schema: Schema): number {
  if (Array.isArray(schema['enum']) || 'const' in schema) return 0;
  if (schema['type'] === 'string' && specialOf(schema) === null) return 3;
  return isAnything(schema) ? 2 : 1;
}

/** Says nothing of what it may be. */
function isAnything(schema: Schema): boolean {
  return !['type', 'properties', 'items', 'enum', 'const'].some((key) => key in schema);
}

function fitted(text: string, schema: Schema, place: Place): unknown {
  const choices = Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : [schema['const']];
  if ('enum' in schema || 'const' in schema) {
    const found = choices.find(
      (choice) => (typeof choice === 'string' ? choice : JSON.stringify(choice)) === text,
    );
    return found === undefined ? UNFIT : found;
  }
  const special = specialOf(schema);
  if (special !== null) return specialValue(text, special);
  switch (schema['type']) {
    case 'null':
      return text === 'null' ? null : UNFIT;
    case 'boolean':
      return YES.has(text.toLowerCase()) ? true : NO.has(text.toLowerCase()) ? false : UNFIT;
    case 'integer':
    case 'number':
      return numberValue(text, schema);
    case 'string':
      return text;
    case 'array':
      return arrayValue(text, schema, place);
    case 'object':
      return jsonOf(text, isSchema);
    default:
      if (isAnything(schema)) return anyValue(text);
      return 'properties' in schema ? jsonOf(text, isSchema) : UNFIT;
  }
}

function numberValue(text: string, schema: Schema): unknown {
  const unit = schema['x-unit'];
  if (unit === 'bytes' || unit === 'seconds') {
    return (unit === 'bytes' ? bytesOf(text) : secondsOf(text)) ?? UNFIT;
  }
  if (!NUMBER.test(text)) return UNFIT;
  return INTEGER.test(text) && !Number.isSafeInteger(Number(text)) ? longOf(text) : Number(text);
}

/** Past 2^53 a JSON number would be another one. */
const longOf = (text: string): unknown => ({ $long: BigInt(text).toString() });

function specialValue(text: string, special: string): unknown {
  switch (special) {
    case 'datetime': {
      const moment = momentOf(text, new Date());
      return moment === null ? UNFIT : { $date: moment.toISOString() };
    }
    case 'password':
      return { $password: text };
    case 'binary':
      return { $binary: Buffer.from(text).toString('base64') };
    case 'long':
      return INTEGER.test(text) ? longOf(text) : UNFIT;
    default:
      return jsonOf(text, isSchema);
  }
}

function arrayValue(text: string, schema: Schema, place: Place): unknown {
  if (text.trimStart().startsWith('[')) return jsonOf(text, Array.isArray);
  if (text === '') return [];
  const { items } = schema;
  const branches = Array.isArray(items) ? [{}] : branchesOf(items ?? {}, place.definitions);
  return text
    .split(',')
    .map((part) => convertText(part, { ...place, branches, depth: place.depth + 1 }));
}

function jsonOf(text: string, isWanted: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isWanted(value) ? value : UNFIT;
  } catch {
    return UNFIT;
  }
}

/** Without a schema: what reads as a number, a boolean or null is one, all else is text. */
export function anyValue(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  if (/^-?(?:0|[1-9]\d*)$/.test(text) && !Number.isSafeInteger(Number(text))) return longOf(text);
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) {
    // past what a number holds it would go out as null
    return Number.isFinite(Number(text)) ? Number(text) : text;
  }
  if (/^[[{]/.test(text)) {
    const value = jsonOf(text, () => true);
    return value === UNFIT ? text : value;
  }
  return text;
}
