import { holdsPassword, JsonText, stringifyWithSecrets } from '../common/index.js';
import type { Sender } from '../sdk/index.js';

/**
 * An answer as its caller may have it. A service in another process gets passwords readable, as it gets
 * those that its callers send it; everybody else on the wire sees them hidden, and code in this process
 * has them as they are.
 *
 * @throws DatastoreException EIO when a stored password cannot be opened
 */
export function withPasswordsFor<T>({ kind }: Sender, answer: T): T {
  if (kind !== 'service' || !holdsPassword(answer)) return answer;
  return new JsonText(stringifyWithSecrets(answer)) as T;
}
