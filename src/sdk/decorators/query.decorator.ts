import { FILTER_SCHEMA, QUERY_PARAMS_SCHEMA } from '../../common/query/index.js';
import { h, type SchemaArg } from '../../schema/index.js';
import { updateMethodMetadata } from '../metadata.js';

/**
 * Makes a method answer the query contract: it takes a filter and params, both optional, and returns
 * rows of the given type, one row or null (`single`), or a number (`count`). What `select` and
 * `exclude` leave of a row is not checked against the type.
 *
 * @example
 * @description('Lists users') @query(User)
 * query(filter: Filter, params: QueryParams) { return queryArray(this.users, filter, params); }
 */
export function query(row: SchemaArg): MethodDecorator {
  return (prototype, key) => {
    updateMethodMetadata(prototype, key, {
      query: row,
      accepts: [h.optional(FILTER_SCHEMA), h.optional(QUERY_PARAMS_SCHEMA)],
      returns: h.anyOf(h.array(row), row, h.integer(), null),
      params: ['filter', 'params'],
    });
  };
}
