import type { mongo } from 'mongoose';
import { parseFieldPath } from '../../../common/query/index.js';
import type { CollectionInfo } from '../../../sdk/datastore.js';
import { encodePath } from './bson-format.js';

/** An index as MongoDB is asked for it. Its name spells its fields: errors name nothing else. */
export interface IndexPlan {
  readonly name: string;
  readonly key: Record<string, 1>;
  readonly options: mongo.CreateIndexesOptions;
}

// A row where a field is missing or null is outside the unique key
const HAS_VALUE = { $type: ['number', 'string', 'bool', 'date'] };

export function indexPlans(collection: CollectionInfo): IndexPlan[] {
  return [
    ...collection.unique.map((fields): IndexPlan => {
      const paths = fields.map(toPath);
      const partialFilterExpression = Object.fromEntries(paths.map((path) => [path, HAS_VALUE]));
      return plan(`u:${fields.join(',')}`, paths, { unique: true, partialFilterExpression });
    }),
    ...collection.indexes.map((fields) =>
      // With the id last, rows of one value come out in the order that ties have
      plan(`i:${fields.join(',')}`, [...fields.map(toPath), '_id'], {}),
    ),
  ];
}

function plan(
  name: string,
  paths: readonly string[],
  options: mongo.CreateIndexesOptions,
): IndexPlan {
  const key = Object.fromEntries(paths.map((path) => [path, 1 as const]));
  return { name, key, options: { ...options, name } };
}

function toPath(field: string): string {
  return encodePath(parseFieldPath(field));
}
