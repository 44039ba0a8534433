import { GROUP_OPERATORS, OPERATORS } from './filter.js';

const FIELD_CONDITION = {
  type: 'array',
  minItems: 3,
  maxItems: 4,
  items: [
    { type: 'string', minLength: 1 },
    { type: 'string', enum: OPERATORS },
    {},
    { type: 'string', enum: ['timestamp'] },
  ],
} as const;

// What is nested is described as "arrays": a recursive schema would need a reference, and a
// reference into this document breaks once the schema is embedded in that of a method.
const GROUP_CONDITION = {
  type: 'array',
  minItems: 2,
  maxItems: 2,
  items: [
    { type: 'string', enum: GROUP_OPERATORS },
    { type: 'array', items: { type: 'array', minItems: 2, maxItems: 4 } },
  ],
} as const;

/** JSON Schema of a filter: its shape. Depth, patterns and nested conditions are checked when it is parsed. */
export const FILTER_SCHEMA = {
  anyOf: [
    { type: 'null' },
    { type: 'array', items: { anyOf: [FIELD_CONDITION, GROUP_CONDITION] } },
  ],
} as const;

const FLAG = { type: ['boolean', 'null'] } as const;
const COUNT = { type: ['integer', 'null'], minimum: 0 } as const;
const PATHS = {
  anyOf: [
    { type: 'null' },
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 } },
  ],
} as const;

/** JSON Schema of the params of a query. */
export const QUERY_PARAMS_SCHEMA = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    single: FLAG,
    count: FLAG,
    offset: COUNT,
    limit: COUNT,
    sort: PATHS,
    dir: { enum: ['asc', 'desc', null] },
    reverse: FLAG,
    select: PATHS,
    exclude: PATHS,
  },
} as const;
