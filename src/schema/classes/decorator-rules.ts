import { Password } from '../../common/index.js';
import { enumValues, wireSchema } from '../../wire/builder/index.js';
import type { JsonSchema } from '../json-schema.js';

/**
 * What class-validator's decorators mean in JSON Schema. A rule may answer null: for these options
 * there are no words, and the decorator's own function checks the value instead.
 */
type Rule = (constraints: readonly unknown[]) => JsonSchema | null;

const always =
  (keywords: JsonSchema): Rule =>
  () =>
    keywords;

/** A keyword whose value is the decorator's first parameter. */
const first =
  (type: string, keyword: string): Rule =>
  ([value]) => ({ type, [keyword]: value });

const number = { type: 'number' };
const array = { type: 'array' };

const escapeText = (text: unknown): string =>
  String(text).replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

const isEmptyOptions = (options: unknown): boolean =>
  options === undefined ||
  (typeof options === 'object' && options !== null && !Object.keys(options).length);

/** Decorators that JSON Schema says completely. */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['isString', always({ type: 'string' })],
  ['isBoolean', always({ type: 'boolean' })],
  ['isInt', always({ type: 'integer' })],
  ['isNumber', ([options]) => (isEmptyOptions(options) ? number : null)],
  ['isObject', always({ type: 'object' })],
  ['isArray', always(array)],
  ['isDate', always(wireSchema('datetime'))],
  ['isEnum', ([entity]) => ({ enum: enumValues(entity as Record<string, unknown>) })],
  ['isIn', ([values]) => (Array.isArray(values) ? { enum: values } : null)],
  ['isNotIn', ([values]) => (Array.isArray(values) ? { not: { enum: values } } : null)],
  ['equals', ([value]) => ({ const: value })],
  ['notEquals', ([value]) => ({ not: { const: value } })],
  ['isEmpty', always({ enum: ['', null] })],
  ['min', first('number', 'minimum')],
  ['max', first('number', 'maximum')],
  ['isPositive', always({ ...number, exclusiveMinimum: 0 })],
  ['isNegative', always({ ...number, exclusiveMaximum: 0 })],
  ['isDivisibleBy', first('number', 'multipleOf')],
  ['minLength', first('string', 'minLength')],
  ['maxLength', first('string', 'maxLength')],
  [
    'isLength',
    ([min, max]) => ({ type: 'string', minLength: min, ...(max !== undefined && { maxLength: max }) }),
  ],
  ['contains', ([text]) => ({ type: 'string', pattern: escapeText(text) })],
  ['notContains', ([text]) => ({ type: 'string', not: { pattern: escapeText(text) } })],
  ['matches', matches],
  ['arrayMinSize', first('array', 'minItems')],
  ['arrayMaxSize', first('array', 'maxItems')],
  ['arrayNotEmpty', always({ ...array, minItems: 1 })],
  ['arrayUnique', always({ ...array, uniqueItems: true })],
  ['arrayContains', ([values]) => ({ ...array, allOf: (values as unknown[]).map(containing) })],
  ['arrayNotContains', ([values]) => ({ ...array, not: { contains: { enum: values } } })],
  ['isNotEmptyObject', ([options]) => (isEmptyOptions(options) ? { type: 'object', minProperties: 1 } : null)],
  ['isInstance', ([type]) => instance(type)],
]); // prettier-ignore

const containing = (value: unknown): JsonSchema => ({ contains: { const: value } });

/** Flags have no place in JSON Schema; see {@link flaggedPattern}. */
function matches([pattern, modifiers]: readonly unknown[]): JsonSchema | null {
  const { source, flags } = flaggedPattern(pattern, modifiers);
  return /^u?$/.test(flags) ? { type: 'string', pattern: source } : null;
}

/** The pattern of `@Matches`, given as an expression or as text with flags. */
export function flaggedPattern(pattern: unknown, modifiers: unknown) {
  const isExpression = pattern instanceof RegExp;
  const source = isExpression ? pattern.source : String(pattern);
  const flags = isExpression ? pattern.flags : typeof modifiers === 'string' ? modifiers : '';
  return { source, flags: flags.replaceAll(/[dgy]/g, '') };
}

function instance(type: unknown): JsonSchema {
  if (type === Date) return wireSchema('datetime');
  if (type === Uint8Array || type === Buffer) return wireSchema('binary');
  if (type === Password) return wireSchema('password');
  throw new Error('values from the wire are plain objects: use @ValidateNested with @Type');
}

const text = (keywords: JsonSchema = {}): JsonSchema => ({ type: 'string', ...keywords });

/**
 * What clients are told of values that a decorator's own function checks. Where a format stands
 * here, the function decides, so that a class means the same here as everywhere else.
 */
const HINTS: ReadonlyMap<string, JsonSchema> = new Map([
  ['isNumber', number],
  ['isNotEmptyObject', { type: 'object' }],
  ['arrayUnique', array],
  ['minDate', wireSchema('datetime')],
  ['maxDate', wireSchema('datetime')],
  ['isBase64', text({ contentEncoding: 'base64' })],
  ['isJson', text({ contentMediaType: 'application/json' })],
  ['isEmail', text({ format: 'email' })],
  ['isUuid', text({ format: 'uuid' })],
  ['isUrl', text({ format: 'uri' })],
  ['isFqdn', text({ format: 'hostname' })],
  ['isDateString', text({ format: 'date-time' })],
  ['isIso8601', text({ format: 'date-time' })],
  ['isRFC3339', text({ format: 'date-time' })],
  ...(
    'IsFirebasePushId isAlpha isAlphanumeric isAscii isBIC isBase32 isBase58 isBooleanString isBtcAddress ' +
    'isByteLength isCreditCard isCurrency isDataURI isDecimal isEAN isEthereumAddress isFullWidth isHSL ' +
    'isHalfWidth isHash isHexColor isHexadecimal isIBAN isISO31661Alpha2 isISO31661Alpha3 isISO31661Numeric ' +
    'isISO4217CurrencyCode isISO6391 isISRC isISSN isIdentityCard isIp isIsbn isIsin isJwt isLatLong isLocale ' +
    'isLowercase isMacAddress isMagnetURI isMilitaryTime isMimeType isMobilePhone isMongoId isMultibyte ' +
    'isNumberString isOctal isPassportNumber isPhoneNumber isPort isPostalCode isRgbColor isSemVer ' +
    'isStrongPassword isSurrogatePair isTaxId isTimeZone isUppercase isVariableWidth matches'
  )
    .split(' ')
    .map((name): [string, JsonSchema] => [name, text()]),
]);

/** Linear checks of what may well be long. */
const FOR_LONG_TEXT: ReadonlySet<string> = new Set(
  (
    'isAlpha isAlphanumeric isAscii isBase32 isBase58 isBase64 isByteLength isDataURI isFullWidth isHalfWidth ' +
    'isHexadecimal isJson isJwt isLowercase isMultibyte isNumberString isOctal isStrongPassword ' +
    'isSurrogatePair isUppercase isVariableWidth matches'
  ).split(' '),
);

/** Whether a check of class-validator has no use for long texts: what it looks for is short. */
export function isForShortText(name: string | undefined): boolean {
  if (name === undefined || FOR_LONG_TEXT.has(name)) return false;
  return HINTS.get(name)?.['type'] === 'string';
}

/** {@link HINTS}, and those that depend on the decorator's options. */
export function hintOf(name: string | undefined, constraints: readonly unknown[]): JsonSchema {
  if (name === 'isIp') {
    const [version] = constraints as readonly (string | number | undefined)[];
    return version === undefined ? text() : text({ format: `ipv${version}` });
  }
  return HINTS.get(name ?? '') ?? {};
}
