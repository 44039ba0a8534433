import type { IncomingMessage } from 'node:http';
import { cameThroughProxy, isLoopbackAddress } from '../common/index.js';

/** Whether a request was made on this machine and came without a proxy that might speak for others. */
export function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  return isLoopbackAddress(socket.remoteAddress ?? '') && !cameThroughProxy(headers);
}
