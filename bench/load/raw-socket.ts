import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { clientFrame, FrameReader, Opcode } from './wire.js';

/** Where a socket goes, and which of the machine's addresses it comes from. */
export interface SocketOptions {
  /** Each address of its own has 28,000 ports: many short connections need several. */
  readonly localAddress?: string;
}

/** Who gets what a socket receives. The buffer is lent for the length of the call. */
export interface SocketListener {
  onMessage(buffer: Buffer, start: number, end: number): void;
  /** All messages of one read have been handed over: the moment to write once for all of them. */
  onReadEnd(): void;
  onFailure(error: Error): void;
}

const HANDSHAKE_END = '\r\n\r\n';
// One buffer for all sockets: a read is handled before the next one starts.
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);
const NORMAL_CLOSURE = Buffer.from([0x03, 0xe8]);
const GOODBYE = clientFrame(NORMAL_CLOSURE, Opcode.close);

/** A WebSocket client with almost nothing between the kernel and the load generator. */
export class RawSocket {
  private readonly reader = new FrameReader((...frame) => this.onFrame(...frame));
  private readonly socket: Socket;
  private listener: SocketListener;
  /** What came of the server's answer to the upgrade, null once it is complete. */
  private handshake: string | null = '';
  private isClosing = false;
  private isGoodbyeAnswered = false;
  /** Heartbeats of the server that were seen and answered. */
  pings = 0;

  private constructor(
    private readonly address: URL,
    private readonly onUpgraded: () => void,
    onFailure: (error: Error) => void,
    options: SocketOptions = {},
  ) {
    this.listener = { onMessage: ignore, onReadEnd: ignore, onFailure };
    this.socket = connect({
      host: address.hostname,
      port: Number(address.port),
      noDelay: true,
      ...options,
      onread: {
        buffer: READ_BUFFER,
        callback: (length) => {
          this.onRead(READ_BUFFER.subarray(0, length));
          return true;
        },
      },
    });
    this.socket.once('connect', () => this.socket.write(upgradeRequest(this.address)));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.once('close', () => this.fail(new Error('The server closed the connection')));
  }

  /** Resolves after the upgrade; rejects when the server refuses it. */
  static open(address: URL, options?: SocketOptions): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket: RawSocket = new RawSocket(address, () => resolve(socket), reject, options);
    });
  }

  listen(listener: SocketListener): void {
    this.listener = listener;
  }

  /** Writes frames that are already encoded. */
  write(frames: Buffer): void {
    this.socket.write(frames);
  }

  /** Sends one message and resolves with the next one that arrives; for the set-up, one at a time. */
  request(message: unknown): Promise<string> {
    return this.exchange(clientFrame(Buffer.from(JSON.stringify(message))));
  }

  /** The same for a frame that is already encoded. */
  exchange(frame: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      this.listener = {
        onMessage: (buffer, start, end) => resolve(buffer.toString('utf8', start, end)),
        onReadEnd: ignore,
        onFailure: reject,
      };
      this.socket.write(frame);
    });
  }

  /** From now on nothing is read; what the server sends piles up in the kernel and then at the server. */
  stall(): void {
    this.socket.pause();
  }

  /** Reads again. */
  recover(): void {
    this.socket.resume();
  }

  /**
   * Parts as a well-behaved client does: a close frame each way, then the server ends the connection.
   *
   * @throws (rejects with) Error when it does so without an answer
   */
  async sayGoodbye(): Promise<void> {
    this.isClosing = true;
    // not events.once: once both have said goodbye a reset is as good an end as any
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.write(GOODBYE);
    await closed;
    if (!this.isGoodbyeAnswered) throw new Error('The server hung up and did not say goodbye');
  }

  /** Hangs up without a word. */
  async close(): Promise<void> {
    this.isClosing = true;
    if (this.socket.closed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  private onRead(chunk: Buffer): void {
    try {
      const frames = this.handshake === null ? chunk : this.onHandshake(this.handshake, chunk);
      if (frames.length === 0) return;
      this.reader.push(frames);
      this.listener.onReadEnd();
    } catch (error) {
      this.fail(error as Error);
      this.socket.destroy();
    }
  }

  /** Answers the bytes behind the server's answer: frames may follow it in the same read. */
  private onHandshake(before: string, chunk: Buffer): Buffer {
    const text = before + chunk.toString('latin1');
    const end = text.indexOf(HANDSHAKE_END);
    this.handshake = text;
    if (end === -1) return chunk.subarray(chunk.length);
    if (!text.startsWith('HTTP/1.1 101')) {
      throw new Error(`${this.address.href} refused the upgrade: ${text.slice(0, 80)}`);
    }
    this.handshake = null;
    this.onUpgraded();
    return chunk.subarray(end + HANDSHAKE_END.length - before.length);
  }

  private onFrame(opcode: number, buffer: Buffer, start: number, end: number): void {
    if (opcode === Opcode.text || opcode === Opcode.binary) {
      this.listener.onMessage(buffer, start, end);
    } else if (opcode === Opcode.ping) {
      this.pings += 1;
      this.socket.write(clientFrame(Buffer.from(buffer.subarray(start, end)), Opcode.pong));
    } else if (opcode === Opcode.close && this.isClosing) {
      this.isGoodbyeAnswered = true;
    } else if (opcode === Opcode.close) {
      const code = end - start >= 2 ? buffer.readUInt16BE(start) : 1005;
      throw new Error(
        `The server closed with ${code} ${buffer.toString('utf8', start + 2, Math.max(end, start + 2))}`,
      );
    }
  }

  private fail(error: Error): void {
    if (!this.isClosing) this.listener.onFailure(error);
    this.isClosing = true;
  }
}

function ignore(): void {
  // nothing is expected at this moment
}

function upgradeRequest(address: URL): string {
  return [
    `GET ${address.pathname} HTTP/1.1`,
    `Host: ${address.host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
    HANDSHAKE_END.slice(2),
  ].join('\r\n');
}
