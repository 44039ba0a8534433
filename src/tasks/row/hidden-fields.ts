import { rightsOf } from '../../auth/index.js';
import { coded } from '../../common/index.js';
import {
  type FieldCondition,
  fieldConditions,
  type FieldPath,
  type Filter,
  parseFilter,
  parseParams,
  type QueryParams,
} from '../../common/query/index.js';
import type { Sender } from '../../sdk/index.js';
import { isSecret } from './task-row.js';

/**
 * Refuses a filter or an order by what the sender is not shown of other people's rows: whoever could
 * ask by it could guess it.
 *
 * @throws RpcException EINVAL naming the first such field
 */
export function assertAskable(
  filter: Filter,
  params: QueryParams | null | undefined,
  sender: Sender,
): void {
  const { isAdministrator } = rightsOf(sender);
  const hides = (path: FieldPath): boolean =>
    isSecret(path[0] ?? '') || (!isAdministrator && isPrivateField(path));
  const asked = fieldConditions(parseFilter(filter)).filter((part) => !asksForPresence(part));
  const sorted = parseParams(params).sort;
  const hidden = [...asked, ...sorted].find(({ path }) => hides(path));
  if (hidden !== undefined) throw coded('TASK_FIELD_HIDDEN', { field: hidden.path.join('.') });
}

/** The environment and what is in it; the stack of an error and what it is a part of. */
function isPrivateField([first, second]: FieldPath): boolean {
  if (first === 'environment') return true;
  return first === 'error' && (second === undefined || second === 'stacktrace');
}

/** Whether there is an error at all everybody sees. */
function asksForPresence(condition: FieldCondition): boolean {
  const { kind, path } = condition;
  if (kind !== 'comparison' || path.length !== 1 || path[0] !== 'error') return false;
  return condition.value === null && (condition.operator === '=' || condition.operator === '!=');
}
