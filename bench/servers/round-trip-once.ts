/**
 * What a round trip takes in a new process, whoever makes it: connect with plain `ws`, log in as a local
 * user, call `management.ping`, hang up. Prints the milliseconds from the connect to the answer.
 *
 *     node round-trip-once.js ws://127.0.0.1:5000/socket
 */
import { WebSocket } from 'ws';

const startMs = performance.now();
const socket = new WebSocket(process.argv[2] ?? '');
const send = (name: string, id: string, args: object): void => {
  socket.send(JSON.stringify({ namespace: 'rpc', name, id, args }));
};
socket.on('open', () => send('auth', 'login', { username: 'root', password: '' }));
socket.on('message', (data: Buffer) => {
  const { id, name } = JSON.parse(data.toString()) as { id?: string; name?: string };
  if (name === 'error') throw new Error(`The server refused: ${data.toString()}`);
  if (id === 'login') send('call', 'ping', { method: 'management.ping', args: [] });
  if (id !== 'ping') return;
  process.stdout.write(String(performance.now() - startMs));
  socket.close();
});
