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
  if (mayCall(access, sender)) return;
  throw coded(refusalOf(access, sender));
}

/** An administrator, who lacks no role, would look for what is missing. */
function refusalOf({ isPrivate }: MethodAccess, sender: Sender) {
  if (sender.kind === 'anonymous') return 'NOT_LOGGED_IN';
  const wonders = isPrivate && rightsOf(sender).isAdministrator;
  return wonders ? 'METHOD_PRIVATE' : 'INSUFFICIENT_PRIVILEGES';
}

/** The same decision as an answer, for who judges again what was let in before. */
export function mayCall(access: MethodAccess, sender: Sender): boolean {
  if (access.isUnauthenticated || sender.kind === 'plugin' || sender.kind === 'service')
    return true;
  return sender.kind !== 'anonymous' && rightsOf(sender).mayCall(access);
}
