import type { GroupCondition } from '../../../common/query/index.js';
import type { CollectionInfo } from '../../../sdk/datastore.js';
import type { ReadRequest } from './messages.js';

/**
 * Reads go to one of two threads: what an index answers must not wait behind a scan. `quick` is a
 * guess from the shape of the filter; a wrong one costs time, never a row.
 */
export type Reader = 'quick' | 'scan';

const SMALL_LIMIT = 100;

export function readerFor(request: ReadRequest): Reader {
  switch (request.kind) {
    case 'get':
    case 'last-serial':
    case 'collections':
    case 'counters':
    case 'term':
    case 'rows':
      return 'quick';
    case 'page':
    case 'ids':
      return 'scan';
    case 'find': {
      const isFirstFew =
        request.filter.conditions.length === 0 &&
        request.sort.length === 0 &&
        request.limit <= SMALL_LIMIT;
      return isFirstFew || isSelective(request) ? 'quick' : 'scan';
    }
    case 'count':
      return isSelective(request) ? 'quick' : 'scan';
  }
}

/** One of the conditions that must all hold is an equality that an index answers. */
function isSelective({ collection, filter }: Search): boolean {
  const keys = [...collection.unique, ...collection.indexes];
  const leading = new Set(['id', ...keys.map(([field]) => field)]);
  return filter.conditions.some(
    (condition) =>
      condition.kind !== 'group' &&
      (condition.operator === '=' || condition.operator === 'in') &&
      leading.has(condition.path.join('.')),
  );
}

interface Search {
  readonly collection: CollectionInfo;
  readonly filter: GroupCondition;
}
