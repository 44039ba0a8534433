/** Reference: raw `ws`, JSON in, JSON out, no check of any kind. */
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocketServer } from 'ws';

interface CallFrame {
  readonly id: unknown;
  readonly args: { readonly args: readonly unknown[] };
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
  console.log(`ready ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
server.on('connection', (socket) => {
  socket.on('message', (data: RawData) => {
    const frame = JSON.parse((data as Buffer).toString()) as CallFrame;
    socket.send(
      JSON.stringify({
        namespace: 'rpc',
        name: 'response',
        id: frame.id,
        args: frame.args.args[0],
      }),
    );
  });
});
