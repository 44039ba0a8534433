import { coded, type RpcException } from '../common/index.js';
import { type Call, mayCall } from '../rpc/index.js';
import type { Connection } from './connection.js';

/**
 * Ends what runs for a connection and whose method the caller may not call any more. One that still
 * waits for its service is judged when its turn comes.
 */
export function endForbiddenCalls(connection: Connection): void {
  const isForbidden = ({ access }: Call): boolean =>
    access !== null && !mayCall(access, connection.sender);
  endCalls(connection, coded('INSUFFICIENT_PRIVILEGES'), isForbidden);
}

/** Ends everything that runs for a connection: whoever asked for it is there no more. */
export function endAllCalls(connection: Connection): void {
  endCalls(connection, coded('LOGIN_ENDED'), () => true);
}

/**
 * A stream or view ends with the reason. Any other call gets its signal, and its method has the last
 * word: it may have done what it was called for, be it to take these very rights away.
 */
function endCalls(
  connection: Connection,
  reason: RpcException,
  isConcerned: (call: Call) => boolean,
): void {
  for (const [id, { call, stream }] of [...connection.calls]) {
    if (!isConcerned(call)) continue;
    call.abort(reason);
    if (stream === null) continue;
    connection.calls.delete(id);
    void stream.dispose();
    connection.fail(id, reason);
  }
}
