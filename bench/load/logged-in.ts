import type { ChildServer } from '../subjects/child-server.js';
import type { Subject } from '../subjects/subject.js';
import { RawSocket } from './raw-socket.js';

const OPENED_AT_ONCE = 32;

/**
 * Opens and logs in that many connections, some at a time, and puts each into `sockets` as soon as it is open, so
 * that the caller can close what there is if one fails. They all use the token of one more connection: a
 * login by user name makes the server look for its peer among all sockets of the machine, and a token that
 * is handed from one to the next would retire under the connection before.
 */
export async function openLoggedIn(
  { server, subject }: { readonly server: ChildServer; readonly subject: Subject },
  count: number,
  sockets: RawSocket[],
): Promise<void> {
  const first = await RawSocket.open(server.address);
  const token = await subject.dialect.login(first);
  let missing = count;
  const lane = async (): Promise<void> => {
    while (missing > 0) {
      missing -= 1;
      const socket = await RawSocket.open(server.address);
      sockets.push(socket);
      await subject.dialect.login(socket, token);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, OPENED_AT_ONCE) }, lane));
  await first.close();
}
