import {
  _,
  type Code,
  type CodeKeywordDefinition,
  type ErrorObject,
  type FuncKeywordDefinition,
  type KeywordCxt,
  type KeywordDefinition,
  Name,
  str,
} from 'ajv';
import { decodeExtended } from '../../common/index.js';
import { canonicalJson } from '../canonical-json.js';
import type { Condition, ConditionalRequirement } from '../classes/conditions.js';
import type { CustomCheck } from '../classes/custom-check.js';
import { extendedType, isOpaque } from '../extended-types.js';
import { EXTENDED_TYPE, type JsonSchema } from '../json-schema.js';
import { isMultipleOf } from './multiple-of.js';
import { probe, type SchemaLookup } from './probe.js';

/** The keywords that only the compiled form of a schema has. */
export const KEYWORD = {
  absent: 'dispatcher-absent',
  budget: 'dispatcher-budget',
  check: 'dispatcher-check',
  condition: 'dispatcher-condition',
  exact: 'dispatcher-exact',
  extended: 'dispatcher-type',
  long: 'dispatcher-long',
  member: 'dispatcher-member',
  multiple: 'dispatcher-multiple',
  plain: 'dispatcher-plain',
  probe: 'dispatcher-probe',
  readOnly: 'dispatcher-read-only',
  reference: 'dispatcher-ref',
  requiredIf: 'dispatcher-required-if',
  unique: 'dispatcher-unique',
  unknown: 'dispatcher-unknown',
} as const;

/** How compiled code reaches the definitions: by name, each time, so that none is ever stale. */
export interface Definitions {
  readonly schemaOf: SchemaLookup;
  /** The errors of a value against a definition, their paths relative to the value; null: none. */
  check(name: string, value: unknown): ErrorObject[] | null;
}

/**
 * The most errors collected from one array or object. Past it its other elements are skipped, as a
 * message full of nonsense would otherwise become a hundred times its size in errors.
 */
const BUDGET = 1_000;

const VARIABLE = {
  vErrors: new Name('vErrors'),
  errors: new Name('errors'),
  path: new Name('instancePath'),
};

export function keywordDefinitions(definitions: Definitions): KeywordDefinition[] {
  return [
    reference(definitions),
    probeKeyword(definitions.schemaOf),
    failing(KEYWORD.readOnly),
    failing(KEYWORD.unknown),
    ABSENT_KEYWORD,
    BUDGET_KEYWORD,
    EXACT_KEYWORD,
    EXTENDED_KEYWORD,
    LONG_KEYWORD,
    MEMBER_KEYWORD,
    MULTIPLE_KEYWORD,
    PLAIN_KEYWORD,
    UNIQUE_KEYWORD,
    CHECK_KEYWORD,
    CONDITION_KEYWORD,
    REQUIRED_IF_KEYWORD,
  ];
}

/** `$ref`: a call of the definition's own validator, which knows nothing of where it was called. */
function reference(definitions: Definitions): CodeKeywordDefinition {
  return {
    keyword: KEYWORD.reference,
    schemaType: 'string',
    code(cxt) {
      const { gen, data, it } = cxt;
      const name = cxt.schema as string;
      const call = scoped(cxt, (value: unknown) => definitions.check(name, value));
      const found = gen.const('found', _`${call}(${data})`);
      cxt.result(_`${found} === null`, undefined, () => {
        const path = str`${VARIABLE.path}${it.errorPath}`;
        const schemaPath = `${it.errSchemaPath}/${KEYWORD.reference}`;
        const push = scoped(cxt, append);
        gen.assign(
          VARIABLE.vErrors,
          _`${push}(${VARIABLE.vErrors}, ${found}, ${path}, ${schemaPath})`,
        );
        gen.assign(VARIABLE.errors, _`${VARIABLE.vErrors}.length`);
      });
    },
  };
}

function scoped(cxt: KeywordCxt, ref: (...args: never[]) => unknown): Name {
  return cxt.gen.scopeValue('keyword', { ref });
}

/** Not `concat`, which would copy all earlier errors for each element of a long list. */
function append(to: ErrorObject[] | null, found: ErrorObject[], path: string, schemaPath: string) {
  const all = to ?? [];
  for (const error of found) {
    all.push({ ...error, instancePath: path + error.instancePath, schemaPath });
  }
  return all;
}

function probeKeyword(lookup: SchemaLookup): FuncKeywordDefinition {
  return {
    keyword: KEYWORD.probe,
    schemaType: 'object',
    errors: true,
    compile: (branch: JsonSchema) => {
      const glance: ReturnType<NonNullable<FuncKeywordDefinition['compile']>> = (
        value,
        context,
      ) => {
        const failure = probe(branch, value, lookup);
        if (failure === null) return true;
        glance.errors = [
          { ...failure, instancePath: (context?.instancePath ?? '') + failure.instancePath },
        ];
        return false;
      };
      return glance;
    },
  };
}

/** A keyword that no value fits; its schema is the error's parameter. */
function failing(keyword: string): CodeKeywordDefinition {
  return {
    keyword,
    error: { message: keyword, params: ({ schemaValue }) => _`{value: ${schemaValue}}` },
    code: (cxt) => {
      stopAtBudget(cxt);
      cxt.fail();
    },
  };
}

/** Leaves the loop over an array's or object's elements once there are errors enough. */
function stopAtBudget({ gen, keyword }: KeywordCxt): void {
  if (keyword === KEYWORD.readOnly) return;
  gen.if(_`${VARIABLE.errors} >= ${BUDGET}`, () => gen.break());
}

/** Code can leave out an argument that JSON cannot: one before the last. */
const ABSENT_KEYWORD: CodeKeywordDefinition = {
  keyword: KEYWORD.absent,
  code: (cxt) => cxt.pass(_`${cxt.data} === undefined`),
};

const BUDGET_KEYWORD: CodeKeywordDefinition = {
  keyword: KEYWORD.budget,
  code: (cxt) => {
    stopAtBudget(cxt);
    cxt.ok(true);
  },
};

const EXTENDED_KEYWORD: CodeKeywordDefinition = {
  keyword: KEYWORD.extended,
  schemaType: 'string',
  error: { message: KEYWORD.extended, params: ({ schemaValue }) => _`{type: ${schemaValue}}` },
  code: (cxt) => {
    const type = extendedType({ [EXTENDED_TYPE]: cxt.schema as string });
    if (type === undefined) throw new Error(`Unknown extended type ${String(cxt.schema)}`);
    cxt.pass(call(cxt, type.isCodeValue));
  },
};

/** Past 2^53 a double stands for several integers: nobody knows which of them was meant. */
const EXACT_KEYWORD: CodeKeywordDefinition = {
  keyword: KEYWORD.exact,
  type: 'number',
  error: { message: KEYWORD.exact },
  code: (cxt) => cxt.pass(call(cxt, isExact)),
};

const isExact = (value: number): boolean => Number.isSafeInteger(value) || !Number.isInteger(value);

/** In place of `multipleOf`, which divides in binary. */
const MULTIPLE_KEYWORD: CodeKeywordDefinition = {
  keyword: KEYWORD.multiple,
  type: 'number',
  schemaType: 'number',
  error: {
    message: KEYWORD.multiple,
    params: ({ schemaValue }) => _`{multipleOf: ${schemaValue}}`,
  },
  code: (cxt) => {
    const divisor = cxt.schema as number;
    cxt.pass(call(cxt, (value: number) => isMultipleOf(value, divisor)));
  },
};

type LongRule = readonly [
  test: (value: bigint, limit: number) => boolean,
  comparison: string | null,
];

/** What JSON Schema says of numbers, for a bigint. */
const LONG_RULES: ReadonlyMap<string, LongRule> = new Map<string, LongRule>([
  ['minimum', [(value, limit) => value >= limit, '>=']],
  ['maximum', [(value, limit) => value <= limit, '<=']],
  ['exclusiveMinimum', [(value, limit) => value > limit, '>']],
  ['exclusiveMaximum', [(value, limit) => value < limit, '<']],
  ['multipleOf', [isMultipleOf, null]],
]);

export const isLongRule = (keyword: string): boolean => LONG_RULES.has(keyword);

const LONG_KEYWORD: FuncKeywordDefinition = {
  keyword: KEYWORD.long,
  schemaType: 'object',
  errors: true,
  compile: (limits: Readonly<Record<string, number>>) => {
    const run: ReturnType<NonNullable<FuncKeywordDefinition['compile']>> = (value) => {
      if (typeof value !== 'bigint') return true; // another keyword says so
      run.errors = Object.entries(limits).flatMap(([keyword, limit]) => {
        const [test, comparison] = LONG_RULES.get(keyword) ?? [];
        if (test === undefined || test(value, limit)) return [];
        return [{ keyword, params: { comparison, limit, multipleOf: limit } }];
      });
      return run.errors.length === 0;
    };
    return run;
  },
};

/** In place of `enum` and `const` when they hold dates, bytes or long integers, in their wire form. */
const MEMBER_KEYWORD: FuncKeywordDefinition = {
  keyword: KEYWORD.member,
  schemaType: 'array',
  errors: true,
  compile: (members: readonly unknown[], parent: JsonSchema) => {
    const convert = extendedType({ [EXTENDED_TYPE]: parent[KEYWORD.extended] })?.convert;
    const allowed = new Set(
      members.map((member) => {
        const value = decodeExtended(structuredClone(member));
        return canonicalJson(convert?.(value) ?? value);
      }),
    );
    const run: ReturnType<NonNullable<FuncKeywordDefinition['compile']>> = (value) => {
      if (allowed.has(canonicalJson(value))) return true;
      run.errors = [{ keyword: 'enum', params: { allowedValues: members } }];
      return false;
    };
    return run;
  },
};

/** Dates and the like are objects to JavaScript but not to JSON Schema. */
const PLAIN_KEYWORD: CodeKeywordDefinition = {
  keyword: KEYWORD.plain,
  type: 'object',
  error: { message: KEYWORD.plain },
  code: (cxt) => cxt.fail(call(cxt, isOpaque)),
};

/** Ajv compares each element with each; a long list of objects would take minutes. */
const UNIQUE_KEYWORD: CodeKeywordDefinition = {
  keyword: KEYWORD.unique,
  type: 'array',
  error: { message: KEYWORD.unique },
  code: (cxt) => cxt.pass(call(cxt, hasUniqueItems)),
};

function hasUniqueItems(items: readonly unknown[]): boolean {
  return new Set(items.map(canonicalJson)).size === items.length;
}

function call(cxt: KeywordCxt, test: (value: never) => boolean): Code {
  return _`${scoped(cxt, test)}(${cxt.data})`;
}

const CHECK_KEYWORD: FuncKeywordDefinition = {
  keyword: KEYWORD.check,
  schemaType: 'array',
  errors: true,
  compile: (checks: readonly CustomCheck[], { maxLength }: JsonSchema) => {
    const run: ReturnType<NonNullable<FuncKeywordDefinition['compile']>> = (value, context) => {
      if (isTooLong(value, maxLength)) return true; // another keyword says so
      const parent: unknown = context?.parentData;
      run.errors = checks.flatMap((check) =>
        check.isForEach === true
          ? failedElements(check, value, { parent, path: context?.instancePath ?? '' })
          : failedValue(check, value, parent),
      );
      return run.errors.length === 0;
    };
    return run;
  },
};

/** Surely: two units may be one character. What is too long anyway is not worth a slow check. */
function isTooLong(value: unknown, maxLength: unknown): boolean {
  return typeof value === 'string' && typeof maxLength === 'number' && value.length > 2 * maxLength;
}

type Failure = Partial<ErrorObject>;

function failedValue(check: CustomCheck, value: unknown, parent: unknown): Failure[] {
  if (check.test(value, parent)) return [];
  return [{ keyword: KEYWORD.check, params: { message: check.message(value, parent) } }];
}

/** What is no list is refused by its type. */
function failedElements(
  check: CustomCheck,
  value: unknown,
  { parent, path }: { readonly parent: unknown; readonly path: string },
): Failure[] {
  const failures: Failure[] = [];
  for (const [index, item] of Array.isArray(value) ? value.entries() : []) {
    if (failures.length >= BUDGET) break;
    if (check.mayBeNull === true && item === null) continue;
    for (const failure of failedValue(check, item, parent)) {
      failures.push({ ...failure, instancePath: `${path}/${index}` });
    }
  }
  return failures;
}

/** Stands in an `if`: whether the rules of a property hold for this object. */
const CONDITION_KEYWORD: FuncKeywordDefinition = {
  keyword: KEYWORD.condition,
  errors: false,
  compile: (holds: Condition) => (value, context) => holds(value, context?.parentData),
};

const REQUIRED_IF_KEYWORD: FuncKeywordDefinition = {
  keyword: KEYWORD.requiredIf,
  type: 'object',
  schemaType: 'array',
  errors: true,
  compile: (requirements: readonly ConditionalRequirement[]) => {
    const run: ReturnType<NonNullable<FuncKeywordDefinition['compile']>> = (value: JsonSchema) => {
      run.errors = requirements
        .filter(({ name, holds }) => valueOf(value, name) === undefined && holds(value))
        .map(({ name }) => ({ keyword: 'required', params: { missingProperty: name } }));
      return run.errors.length === 0;
    };
    return run;
  },
};

const valueOf = (object: JsonSchema, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;
