import { rightsOf } from '../auth/index.js';
import { coded } from '../common/index.js';
import type { Sender } from '../sdk/index.js';
import type { MethodAccess } from './method-handler.js';

/**
 * Decides whether `sender` may call what `access` describes: plugins and services may call
 * everything, users what their roles allow (see `Rights` in `auth`).
 *
 * @throws RpcException EACCES
 */
export function authorise(access: MethodAccess, sender: Sender): void {
  if (access.isUnauthenticated || sender.kind === 'plugin' || sender.kind === 'service') return;
  if (sender.kind === 'anonymous') throw coded('NOT_LOGGED_IN');
  if (!rightsOf(sender).mayCall(access)) throw coded('INSUFFICIENT_PRIVILEGES');
}
