import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const Op = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One for all: tests make tens of thousands of frames. */
const KEY = randomBytes(4);

export interface FrameParts {
  readonly opcode: number;
  readonly payload?: string | Buffer;
  readonly isFinal?: boolean;
  /** Reserved bits, as three bits. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** The length in the form of so many bytes, though a shorter one would do. */
  readonly lengthBytes?: 2 | 8;
}

/** The bytes of one frame as a client sends it, or as it should not. */
export function frame({
  payload = '',
  isFinal = true,
  isMasked = true,
  ...parts
}: FrameParts): Buffer {
  const data = Buffer.from(payload);
  const first = (isFinal ? 0x80 : 0) | ((parts.reserved ?? 0) << 4) | parts.opcode;
  const lengthBytes = parts.lengthBytes ?? (data.length < 126 ? 0 : data.length <= 0xffff ? 2 : 8);
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = first;
  head[1] =
    (isMasked ? 0x80 : 0) | (lengthBytes === 0 ? data.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(data.length, 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(data.length), 2);
  if (!isMasked) return Buffer.concat([head, data]);
  mask(data, KEY);
  return Buffer.concat([head, KEY, data]);
}

/** By words, as far as there are any: bytes alone take a second for a hundred megabytes. */
function mask(data: Buffer, key: Buffer): void {
  const isAligned = data.byteOffset % 4 === 0;
  const words = new Uint32Array(
    data.buffer,
    isAligned ? data.byteOffset : 0,
    isAligned ? data.length >> 2 : 0,
  );
  const word = new Uint32Array(Uint8Array.from(key).buffer)[0] ?? 0;
  for (let i = 0; i < words.length; i += 1) words[i] = (words[i] ?? 0) ^ word;
  for (let i = 4 * words.length; i < data.length; i += 1)
    data[i] = (data[i] ?? 0) ^ (key[i % 4] ?? 0);
}

export const text = (payload: string | Buffer): Buffer => frame({ opcode: Op.text, payload });
export const ping = (payload: string | Buffer = ''): Buffer => frame({ opcode: Op.ping, payload });
export const pong = (payload: string | Buffer = ''): Buffer => frame({ opcode: Op.pong, payload });

export function close(code?: number, reason: string | Buffer = ''): Buffer {
  const head = Buffer.alloc(code === undefined ? 0 : 2);
  if (code !== undefined) head.writeUInt16BE(code);
  return frame({ opcode: Op.close, payload: Buffer.concat([head, Buffer.from(reason)]) });
}

/** The bytes in pieces. */
export function chop(whole: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size));
  return pieces;
}

/** A message in fragments. */
export function fragments(payload: Buffer, size: number, opcode: number = Op.text): Buffer[] {
  const parts = chop(payload, size);
  return parts.map((part, i) =>
    frame({
      opcode: i === 0 ? opcode : Op.continuation,
      payload: part,
      isFinal: i === parts.length - 1,
    }),
  );
}

export interface ReceivedFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * A WebSocket client that sends any bytes whatsoever and answers nothing by itself: neither a ping nor a
 * close frame.
 */
export class RawWebSocket {
  readonly received: ReceivedFrame[] = [];
  /** How the connection ended: with the end of the stream, or an error such as ECONNRESET. */
  readonly ended: Promise<string>;
  #pending: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  #watchers: (() => void)[] = [];

  private constructor(
    readonly socket: Socket,
    request: Buffer,
  ) {
    this.ended = new Promise((resolve) => {
      socket.on('error', ({ message }) => resolve(message));
      socket.on('end', () => resolve('end'));
      socket.on('close', () => {
        resolve('closed');
        this.#wake();
      });
    });
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.write(request);
  }

  /** @param behind - sent in one piece with the request */
  static async open(url: string, behind: Buffer = Buffer.alloc(0)): Promise<RawWebSocket> {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    await once(socket, 'connect');
    const path = pathname === '' ? '/' : pathname;
    return RawWebSocket.over(socket, path, behind);
  }

  /** Over a socket that is connected, of TLS or unix for example. */
  static async over(socket: Socket, path: string, behind: Buffer): Promise<RawWebSocket> {
    const key = randomBytes(16).toString('base64');
    const request = Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    socket.setNoDelay(true);
    const client = new RawWebSocket(socket, Buffer.concat([request, behind]));
    await client.until(() => client.#isUpgraded);
    return client;
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends a login as root, which the server believes of a local peer, and waits for the answer. */
  async logIn(): Promise<void> {
    const args = { username: 'root', password: '' };
    this.send(text(JSON.stringify({ namespace: 'rpc', name: 'auth', id: 'login', args })));
    await this.until(() => this.texts.some((its) => its.includes('"id":"login"')));
    this.received.length = 0;
  }

  get texts(): string[] {
    return this.received
      .filter(({ opcode }) => opcode === Op.text)
      .map(({ payload }) => payload.toString());
  }

  /** The code of the server's close frame; null as long as there is none, 1005 when it gave none. */
  get closeCode(): number | null {
    const closing = this.received.find(({ opcode }) => opcode === Op.close);
    if (closing === undefined) return null;
    return closing.payload.length < 2 ? 1_005 : closing.payload.readUInt16BE(0);
  }

  /** @throws Error when the connection is gone and it is not so */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.socket.destroyed) throw new Error('The connection was closed');
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    if (!this.#isUpgraded) this.#readHead();
    if (this.#isUpgraded) while (this.#readFrame());
    this.#wake();
  }

  #readHead(): void {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end === -1) return;
    const status = this.#pending.toString('latin1', 9, 12);
    if (status !== '101') {
      this.socket.destroy(new Error(`The server answered ${status}`));
      return;
    }
    this.#isUpgraded = true;
    this.#pending = this.#pending.subarray(end + 4);
  }

  #readFrame(): boolean {
    const bytes = this.#pending;
    if (bytes.length < 2) return false;
    const short = (bytes[1] ?? 0) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < header) return false;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(2)
          : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < header + length) return false;
    const payload = bytes.subarray(header, header + length);
    this.received.push({ opcode: (bytes[0] ?? 0) & 0x0f, payload });
    this.#pending = bytes.subarray(header + length);
    return true;
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
