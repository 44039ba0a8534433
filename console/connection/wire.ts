import type { Json } from '../forms/index.js';

/** What a call failed with, as the server said it. */
export class CallError extends Error {
  constructor(
    readonly code: number,
    override readonly name: string,
    message: string,
    readonly extra?: Json,
  ) {
    super(message);
  }
}

export interface ServerEvent {
  readonly name: string;
  readonly args: Json;
  readonly cursor: string | null;
}

/** What a running call answers, in order; `end` comes once, at the end. */
export type Answer =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'items'; readonly items: readonly Json[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly error: CallError };

interface Frame {
  readonly namespace: string;
  readonly name: string;
  readonly id: string | number | null;
  readonly args: Json;
  readonly cursor?: string;
}

interface Watchers {
  readonly onEvent: (event: ServerEvent) => void;
  readonly onLogout: (reason: string) => void;
  readonly onClose: () => void;
}

type Listener = (answer: Answer) => void;

const ECONNABORTED = 103;
const lost = (): CallError =>
  new CallError(ECONNABORTED, 'ECONNABORTED', 'The connection was lost before the answer came');

/**
 * One WebSocket that speaks the protocol's frames. Values stay as they travel (`{"$date": ...}`),
 * because that is what the console shows and takes.
 */
export class Wire {
  readonly #calls = new Map<string, Listener>();
  readonly #stopped = new Set<string>();
  #lastId = 0;

  private constructor(
    private readonly socket: WebSocket,
    private readonly watchers: Watchers,
  ) {
    socket.addEventListener('message', ({ data }) => this.#receive(String(data)));
    socket.addEventListener('close', () => this.#closed());
  }

  /** Rejects when there is nobody to talk to. */
  static open(url: string, watchers: Watchers): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      const wire = new Wire(socket, { ...watchers, onClose: () => reject(lost()) });
      socket.addEventListener('open', () => {
        wire.#onOpen(watchers);
        resolve(wire);
      });
    });
  }

  #onClose: () => void = () => this.watchers.onClose();

  #onOpen({ onClose }: Watchers): void {
    this.#onClose = onClose;
  }

  /** Sends a frame of namespace `rpc`; the listener hears every answer. Returns what stops it. */
  start(name: string, args: Json, listener: Listener): () => void {
    this.#lastId += 1;
    const id = `c${this.#lastId}`;
    if (this.socket.readyState !== WebSocket.OPEN) {
      queueMicrotask(() => listener({ kind: 'failed', error: lost() }));
      return () => undefined;
    }
    this.#calls.set(id, listener);
    this.#send('rpc', name, id, args);
    return () => {
      if (!this.#calls.has(id)) return;
      this.#stopped.add(id);
      this.#send('rpc', 'abort', id, null);
    };
  }

  /** One answer; a stream is collected. */
  request(name: string, args: Json, signal?: AbortSignal): Promise<Json> {
    return new Promise((resolve, reject) => {
      const items: Json[] = [];
      const stop = this.start(name, args, (answer) => {
        if (answer.kind === 'value') resolve(answer.value);
        else if (answer.kind === 'failed') reject(answer.error);
        else if (answer.kind === 'items') items.push(...answer.items);
        else resolve(items);
      });
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  event(name: string, args: Json): void {
    this.#send('events', name, null, args);
  }

  close(): void {
    this.socket.close();
  }

  #send(namespace: string, name: string, id: string | null, args: Json): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ namespace, name, id, args }));
  }

  #receive(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.namespace === 'events') this.#receiveEvent(frame);
    else if (typeof frame.id === 'string') this.#receiveAnswer(frame.id, frame);
  }

  #receiveEvent({ name, args, cursor }: Frame): void {
    if (name === 'logout') {
      this.watchers.onLogout((args as { reason?: string }).reason ?? '');
    } else if (name === 'event_burst') {
      for (const event of (args as unknown as { events: BurstEvent[] }).events) this.#tell(event);
    } else if (name === 'event') {
      const event = args as unknown as BurstEvent;
      this.#tell({ ...event, ...(cursor !== undefined && { cursor }) });
    }
  }

  #tell({ name, args, cursor }: BurstEvent): void {
    this.watchers.onEvent({ name, args, cursor: cursor ?? null });
  }

  #receiveAnswer(id: string, { name, args }: Frame): void {
    const listener = this.#calls.get(id);
    if (listener === undefined) return;
    if (name === 'fragment') {
      const { seqno, fragment } = args as unknown as { seqno: number; fragment: Json[] };
      listener({ kind: 'items', items: fragment });
      if (!this.#stopped.has(id)) this.#send('rpc', 'continue', id, seqno + 1);
      return;
    }
    if (name !== 'response' && name !== 'error' && name !== 'close' && name !== 'end') return;
    // after `end` comes `close`, which tells nothing more
    this.#calls.delete(id);
    this.#stopped.delete(id);
    if (name === 'response') listener({ kind: 'value', value: args });
    else if (name === 'error') listener({ kind: 'failed', error: toError(args) });
    else listener({ kind: 'end' });
  }

  #closed(): void {
    const listeners = [...this.#calls.values()];
    this.#calls.clear();
    for (const listener of listeners) listener({ kind: 'failed', error: lost() });
    this.#onClose();
  }
}

interface BurstEvent {
  readonly name: string;
  readonly args: Json;
  readonly cursor?: string;
}

function toError(args: Json): CallError {
  const { code, name, message, extra } = args as {
    code: number;
    name: string;
    message: string;
    extra?: Json;
  };
  return new CallError(code, name, message, extra);
}
