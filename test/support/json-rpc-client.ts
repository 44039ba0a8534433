import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface JsonRpcAnswer {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  readonly method?: string;
  readonly params?: unknown;
}

/** One message of the server's: a batch is answered by a list. */
export type JsonRpcMessage = JsonRpcAnswer | readonly JsonRpcAnswer[];

/** A bare WebSocket that speaks JSON-RPC 2.0, as a client that knows nothing of this server would. */
export class JsonRpcClient {
  readonly received: JsonRpcMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #watchers: (() => void)[] = [];
  #nextId = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.received.push(JSON.parse(data.toString()) as JsonRpcMessage);
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
  }

  static async connect(url: string): Promise<JsonRpcClient> {
    const socket = new WebSocket(url);
    const client = new JsonRpcClient(socket);
    await once(socket, 'open');
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  notify(method: string, params?: unknown): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  request(method: string, params?: unknown): Promise<JsonRpcAnswer> {
    this.#nextId += 1;
    const id = `request-${this.#nextId}`;
    this.send({ jsonrpc: '2.0', method, params, id });
    return this.find((answer) => answer.id === id);
  }

  /** The first message outside a batch that matches. */
  async find(matches: (answer: JsonRpcAnswer) => boolean): Promise<JsonRpcAnswer> {
    const found = await this.message((one) => !isBatch(one) && matches(one));
    return found as JsonRpcAnswer;
  }

  /** The answer to the batch that has that many answers. */
  async batch(length: number): Promise<readonly JsonRpcAnswer[]> {
    const found = await this.message((one) => isBatch(one) && one.length === length);
    return found as readonly JsonRpcAnswer[];
  }

  async message(matches: (message: JsonRpcMessage) => boolean): Promise<JsonRpcMessage> {
    for (;;) {
      const found = this.received.find(matches);
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The connection was closed');
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #wake(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}

function isBatch(message: JsonRpcMessage): message is readonly JsonRpcAnswer[] {
  return Array.isArray(message);
}
