import { coded } from '../common/index.js';
import type { Sender } from '../sdk/index.js';
import type { MethodAccess } from './method-handler.js';

/**
 * Decides whether `sender` may use what `access` describes: plugins and services may use everything,
 * `admin` everything that is not private, others what is open to one of their roles.
 *
 * @throws RpcException EACCES
 */
export function authorise(access: MethodAccess, sender: Sender): void {
  if (access.isUnauthenticated || sender.kind === 'plugin' || sender.kind === 'service') return;
  if (sender.kind === 'anonymous') throw coded('NOT_LOGGED_IN');
  if (access.isPrivate) throw coded('INSUFFICIENT_PRIVILEGES');
  if (access.roles.length === 0 || sender.roles.includes('admin')) return;
  if (!access.roles.some((role) => sender.roles.includes(role))) {
    throw coded('INSUFFICIENT_PRIVILEGES');
  }
}
