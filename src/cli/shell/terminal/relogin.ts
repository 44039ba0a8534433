import { Errno, type DispatcherClient } from '../../../client/index.js';
import { isDispatcherError, messageOf, RpcException } from '../../../common/portable.js';
import { printable } from '../../output/index.js';

const ATTEMPTS = 3;

interface Asking {
  readonly user: string;
  readonly ask: (question: string) => Promise<string>;
  readonly tell: (line: string) => void;
}

/**
 * Logs in anew on a connection whose login has expired.
 *
 * @throws RpcException EACCES after three wrong passwords; what asking throws; what the connection throws
 */
export async function logInAnew(
  client: DispatcherClient,
  { user, ask, tell }: Asking,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const password = await ask(`Password of ${printable(user)}: `);
    try {
      await client.login({
        kind: 'password',
        username: user,
        password,
        resource: 'dispatcher-cli',
      });
      return;
    } catch (error) {
      if (!isDispatcherError(error) || error.code !== Errno.EACCES) throw error;
      tell(printable(messageOf(error)));
    }
  }
  throw new RpcException(Errno.EACCES, 'The login has ended');
}
