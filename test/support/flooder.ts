import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Opens a WebSocket, never reads of it, and writes the same bytes as fast as the server takes them. */
const FLOOD = `
const { connect } = require('node:net');
const { workerData: { host, port, bytes, forMs } } = require('node:worker_threads');
const socket = connect(port, host);
socket.on('error', () => undefined);
socket.write('GET /socket HTTP/1.1\\r\\nHost: ' + host + ':' + port + '\\r\\nUpgrade: websocket\\r\\n' +
  'Connection: Upgrade\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n');
socket.once('data', () => {
  socket.pause();
  const end = Date.now() + forMs;
  const write = () => {
    if (socket.destroyed || Date.now() >= end) { socket.destroy(); return; }
    const hasRoom = socket.writableLength === 0 && socket.write(bytes);
    setTimeout(write, hasRoom ? 0 : 5);
  };
  write();
});
`;

/**
 * Floods a server from a thread of its own, so that whoever measures meanwhile measures the server and
 * not the flooder. Resolves when the time is over or the server has hung up.
 */
export async function floodFromThread(url: string, bytes: Buffer, forMs: number): Promise<void> {
  const { hostname: host, port } = new URL(url);
  const workerData = { host, port: Number(port), bytes, forMs };
  const worker = new Worker(FLOOD, { eval: true, execArgv: [], workerData });
  await once(worker, 'exit');
}
