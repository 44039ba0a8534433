import { vi } from 'vitest';
import type { ClientSocket, ClientSocketConstructor, SocketEvent } from '../../src/client/index.js';

interface SentFrame {
  readonly namespace: string;
  readonly name: string;
  readonly id: number | null;
  readonly args: unknown;
}

type Listener = (event: SocketEvent) => void;

/** A socket whose other end is the test. */
export class ScriptedSocket implements ClientSocket {
  readonly sent: SentFrame[] = [];
  readyState = 0;
  readonly #listeners: { readonly type: string; readonly listener: Listener }[] = [];

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push({ type, listener });
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as SentFrame);
  }

  close(code = 1_000): void {
    this.drop(code);
  }

  open(): void {
    this.readyState = 1;
    this.#emit('open', {});
  }

  /** The server hangs up. */
  drop(code = 1_006, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#emit('close', { code, reason });
  }

  receive(namespace: string, name: string, id: unknown, args: unknown): void {
    this.receiveRaw(JSON.stringify({ namespace, name, id, args }));
  }

  receiveRaw(data: unknown): void {
    this.#emit('message', { data });
  }

  /** Answers the latest frame of that name (of calls: of that method) that was not answered yet. */
  async answer(what: string, value: unknown, as: 'response' | 'error' = 'response'): Promise<void> {
    this.receive('rpc', as, (await this.take(what)).id, value);
  }

  /** The first frame of that name or method that no one has taken; waits until it is sent. */
  take(what: string): Promise<SentFrame> {
    return vi.waitFor(
      () => {
        const at = this.sent.findIndex((frame) => nameOf(frame) === what);
        const [frame] = at === -1 ? [] : this.sent.splice(at, 1);
        if (frame !== undefined) return frame;
        throw new Error(`Nobody sent ${what}, only: ${this.sent.map(nameOf).join(', ')}`);
      },
      { timeout: 5_000, interval: 1 },
    );
  }

  event(name: string, args: object, cursor: string): void {
    this.receive('events', 'event', null, { name, args, cursor });
  }

  #emit(type: string, event: Omit<SocketEvent, 'type'>): void {
    for (const one of this.#listeners) if (one.type === type) one.listener({ type, ...event });
  }
}

const nameOf = ({ name, args }: SentFrame): string =>
  name === 'call' ? (args as { method: string }).method : name;

/** Makes sockets and lets the test get at them in the order in which they were made. */
export class ScriptedServer {
  readonly sockets: ScriptedSocket[] = [];
  readonly webSocket: ClientSocketConstructor;

  constructor() {
    const { sockets } = this;
    this.webSocket = class extends ScriptedSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    };
  }

  /** The newest socket, once there are that many. */
  socket(count = 1): Promise<ScriptedSocket> {
    return vi.waitFor(
      () => {
        const found = this.sockets[count - 1];
        if (found !== undefined) return found;
        throw new Error(`Only ${this.sockets.length} sockets were made`);
      },
      { timeout: 5_000, interval: 1 },
    );
  }
}
