import {
  assertAffordable,
  DEFAULT_QUERY_LIMITS,
  type Filter,
  type GroupCondition,
  parseFilter,
  parseParams,
  type QueryLimits,
  type QueryParams,
  type QueryPlan,
} from '../common/query/index.js';
import type { CollectionInfo } from '../sdk/datastore.js';
import type { FindRequest } from './driver.js';
import { assertNoSealedPath, assertNothingSealed } from './sealing/row-sealer.js';
import { chargedFilter } from './trusted-conditions.js';

export type Planned = QueryPlan & { readonly condition: GroupCondition };

/** Of an answer's bytes may be held in rows meanwhile: what `select` takes of them may be a small part. */
const HELD_PER_ANSWER = 4;

/** Checks what is asked before any driver sees it, so that all refuse the same. */
export class QueryPlanner {
  readonly limits: QueryLimits;
  /** Most bytes of rows that may be held for one question. */
  readonly maxBytes: number;

  constructor(limits: Partial<QueryLimits> = {}) {
    this.limits = { ...DEFAULT_QUERY_LIMITS, ...limits };
    this.maxBytes = HELD_PER_ANSWER * this.limits.answerBytes;
  }

  plan(filter: Filter, params: QueryParams | null | undefined): Planned {
    const plan = parseParams(params);
    for (const { path } of plan.sort) assertNoSealedPath(path);
    return { condition: this.condition(filter, params), ...plan };
  }

  condition(filter: Filter, params: QueryParams | null = null): GroupCondition {
    assertAffordable(chargedFilter(filter), params, this.limits);
    const condition = parseFilter(filter, this.limits.filterDepth);
    assertNothingSealed(condition);
    return condition;
  }

  request(collection: CollectionInfo, filter: GroupCondition, plan: QueryPlan): FindRequest {
    const wanted = plan.outcome === 'single' && plan.direction === 'forward' ? 1 : plan.limit;
    const limit = Math.min(wanted, plan.limit, this.limits.rows + 1);
    const { sort, offset } = plan;
    const { maxBytes } = this;
    return { collection, filter, sort, offset, limit, mode: 'snapshot', maxBytes };
  }
}
