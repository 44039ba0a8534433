/** Reference: raw `ws` that hands events on. A message is parsed, written once as the dispatcher would, and sent to each. */
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { cursorOf } from './cursor.js';

interface Frame {
  readonly namespace: string;
  readonly name: string;
  readonly id: unknown;
  readonly args: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
}

const subscribers = new Set<WebSocket>();
let events = 0;

function publish({ name, args }: Frame['args']): void {
  events += 1;
  const timestamped = { ...args, timestamp: { $date: new Date() } };
  const text = JSON.stringify({
    namespace: 'events',
    name: 'event',
    id: null,
    args: { name, args: timestamped, cursor: cursorOf(events) },
  });
  for (const subscriber of subscribers) subscriber.send(text);
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
  console.log(`ready ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
server.on('connection', (socket) => {
  socket.on('message', (data: RawData) => {
    const { namespace, name, id, args } = JSON.parse((data as Buffer).toString()) as Frame;
    if (namespace === 'rpc') {
      socket.send(JSON.stringify({ namespace, name: 'response', id, args: 'pong' }));
    } else if (name === 'event') {
      publish(args);
    } else {
      subscribers.add(socket);
    }
  });
  socket.on('close', () => subscribers.delete(socket));
});
