import { GROUP_OPERATORS, OPERATORS } from '../../../src/common/portable.js';
import { type Schema, SchemaIndex } from '../../forms/index.js';

/** What a filter may look like, groups within groups included; the fields of the rows in sight are offered. */
export function filterSchema(fields: readonly string[]): {
  readonly schema: Schema;
  readonly index: SchemaIndex;
} {
  const condition: Schema = {
    type: 'array',
    title: 'condition',
    items: [
      { type: 'string', minLength: 1, title: 'field', examples: fields },
      { enum: [...OPERATORS], title: 'comparison' },
      { title: 'value' },
      { const: 'timestamp' },
    ],
    minItems: 3,
    additionalItems: false,
  };
  const group: Schema = {
    type: 'array',
    title: 'group',
    items: [{ enum: [...GROUP_OPERATORS] }, { $ref: '#/definitions/Filter' }],
    minItems: 2,
    additionalItems: false,
  };
  const filter: Schema = { type: 'array', items: { anyOf: [condition, group] } };
  return {
    schema: { $ref: '#/definitions/Filter' },
    index: new SchemaIndex(new Map([['Filter', filter]])),
  };
}
