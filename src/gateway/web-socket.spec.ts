import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerWebSocket, type WebSocketObserver } from './web-socket.js';

let server: Server;
let client: Socket;
let webSocket: ServerWebSocket;
/** What the observer was told, and whether the socket could still be written to. */
let told: string[];
/** What the client has received. */
let received: Buffer;

beforeEach(async () => {
  const heard: string[] = [];
  told = heard; // a socket of the test before may still be closing
  received = Buffer.alloc(0);
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  client.on('data', (bytes: Buffer) => (received = Buffer.concat([received, bytes])));
  const [socket] = (await accepted) as [Socket];
  socket.on('error', () => undefined);
  const observer: WebSocketObserver = {
    onMessage: (text) => heard.push(text),
    onPong: () => heard.push('pong'),
    onClosing: () => {
      heard.push('closing');
      socket.write('last ');
    },
    onClosed: () => heard.push('closed'),
    maxPayload: () => 1_000,
  };
  webSocket = new ServerWebSocket(socket, observer);
});
afterEach(async () => {
  client.destroy();
  webSocket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** A masked frame of less than 126 bytes, under a key of zeros. */
const frame = (opcode: number, payload: string | Buffer = ''): Buffer => {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
};
const NORMAL = Buffer.from([0x03, 0xe8]);
const closed = () => vi.waitUntil(() => told.includes('closed'));
const ended = () => vi.waitUntil(() => client.readableEnded);

describe('the server’s end of a WebSocket', () => {
  it('answers a goodbye with its code, sends what is left before, and hangs up first', async () => {
    client.write(Buffer.concat([frame(1, 'hello'), frame(8, NORMAL), frame(1, 'too late')]));
    await ended();
    expect(received).toEqual(Buffer.concat([Buffer.from('last '), Buffer.from([0x88, 2]), NORMAL]));
    await closed();
    expect(told).toEqual(['hello', 'closing', 'closed']);
  });

  it('answers a goodbye without a code without one', async () => {
    client.write(frame(8));
    await ended();
    expect(received.subarray(5)).toEqual(Buffer.from([0x88, 0]));
  });

  it('says goodbye once, still hears the client, and hangs up when that has answered', async () => {
    webSocket.close(4_001, 'enough');
    webSocket.close(1_001, 'again');
    expect(webSocket.isOpen).toBe(false);
    client.write(Buffer.concat([frame(1, 'meanwhile'), frame(9, 'x')]));
    await vi.waitUntil(() => told.includes('meanwhile'));
    expect(client.readableEnded).toBe(false);
    client.write(frame(8, NORMAL));
    await ended();
    expect(received.toString('latin1')).toBe('last \x88\x08\x0f\xa1enough');
    await closed();
    expect(told).toEqual(['closing', 'meanwhile', 'closed']);
  });

  it('answers pings with what they brought, and notices pongs', async () => {
    client.write(Buffer.concat([frame(9, 'beat'), frame(10, 'unasked')]));
    await vi.waitUntil(() => told.includes('pong') && received.length >= 6);
    expect(received.toString('latin1')).toBe('\x8a\x04beat');
    webSocket.ping();
    await vi.waitUntil(() => received.length >= 8);
    expect(received.subarray(6)).toEqual(Buffer.from([0x89, 0]));
  });

  it('says what is wrong with a frame, and hears nothing more', async () => {
    client.write(Buffer.concat([Buffer.from([0x81, 1, 0x61]), frame(1, 'more')]));
    await ended();
    expect(received[5]).toBe(0x88);
    expect(received.readUInt16BE(7)).toBe(1_002);
    client.write(frame(1, 'and more'));
    client.end();
    await closed();
    expect(told).toEqual(['closing', 'closed']);
  });

  it('takes a client at its word that hangs up without goodbye', async () => {
    client.end(frame(1, 'bye'));
    await closed();
    expect(told).toEqual(['bye', 'closing', 'closed']);
    expect(received.toString()).toBe('last ');
  });

  it('ends with a connection that is reset, and writes to it no more', async () => {
    client.resetAndDestroy();
    await closed();
    webSocket.ping();
    webSocket.close(1_000, 'anybody there?');
    expect(told).toEqual(['closing', 'closed']);
  });

  it('does not cut off a goodbye that has to wait for the client to read', async () => {
    client.pause();
    const [socket] = [webSocket as unknown as { socket: Socket }].map(({ socket: its }) => its);
    while (socket?.write(Buffer.alloc(1_000_000)) === true);
    client.write(frame(8, NORMAL));
    await vi.waitUntil(() => told.includes('closing'));
    client.resume();
    await ended();
    expect(received.subarray(-9)).toEqual(
      Buffer.concat([Buffer.from('last '), Buffer.from([0x88, 2]), NORMAL]),
    );
  });
});
