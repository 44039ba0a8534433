import type { FilterTuple } from '../../../common/query/index.js';
import type { Definitions, Schema } from '../../values/index.js';

export type TextFormat = 'json' | 'yaml' | 'csv' | 'ndjson' | 'md' | 'table';

/** What works on rows, and means the same on the server and here. */
export type RowStage =
  | { readonly kind: 'search'; readonly filter: readonly FilterTuple[] }
  | { readonly kind: 'exclude'; readonly filter: readonly FilterTuple[] }
  | { readonly kind: 'find'; readonly filter: readonly FilterTuple[] }
  /** `-field` turns the order round. */
  | { readonly kind: 'sort'; readonly keys: readonly string[] }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'offset'; readonly count: number }
  | { readonly kind: 'tail'; readonly count: number }
  | { readonly kind: 'select'; readonly fields: readonly string[] }
  | { readonly kind: 'get'; readonly field: string }
  | { readonly kind: 'count' }
  | { readonly kind: 'uniq'; readonly fields: readonly string[] }
  | { readonly kind: 'group'; readonly field: string };

/** What works on what is shown. */
export type TextStage =
  | { readonly kind: 'to'; readonly format: TextFormat }
  | { readonly kind: 'save'; readonly file: string }
  | { readonly kind: 'less' }
  | { readonly kind: 'grep'; readonly text: string };

/** What is known of the rows that a stage is given: what its arguments mean goes by it. */
export interface Shape {
  /** Null: nobody says. */
  readonly properties: Readonly<Record<string, Schema>> | null;
  readonly definitions: Definitions;
}

export const UNKNOWN_SHAPE: Shape = { properties: null, definitions: {} };

/** The rows behind a stage, as far as that is known. */
export function shapeBehind(stage: RowStage, shape: Shape): Shape {
  const { properties, definitions } = shape;
  if (properties === null) return shape;
  if (stage.kind === 'select' && stage.fields.length > 1) {
    const kept = stage.fields.filter((field) => Object.hasOwn(properties, field));
    // a path into a property has a name of its own
    if (kept.length < stage.fields.length) return { properties: null, definitions };
    return {
      properties: Object.fromEntries(kept.map((field) => [field, properties[field] ?? {}])),
      definitions,
    };
  }
  const changes: ReadonlySet<RowStage['kind']> = new Set(['select', 'get', 'count', 'group']);
  return changes.has(stage.kind) ? { properties: null, definitions } : shape;
}
