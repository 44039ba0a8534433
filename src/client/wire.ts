import { Errno, errnoName, messageOf, type WireError } from '../common/portable.js';
import { connectionLost, type DispatcherClientError, toClientError } from './client-error.js';
import type { ClientSocket } from './socket.js';
import type { ValueCodec } from './value-form.js';

/**
 * What becomes of a request. Called at once from within the socket's message event, never a promise
 * later: what comes behind an answer (events above all) must find it taken in.
 */
export interface AnswerSink {
  onResponse(value: unknown): void;
  onError(error: DispatcherClientError): void;
  onFragment?(seqno: number, items: readonly unknown[]): void;
  onEnd?(): void;
}

/** An event as it came. */
export interface WireEvent {
  readonly name: string;
  readonly args: unknown;
  readonly cursor: string | null;
  readonly cause: string | null;
}

/** What the server asks of a client that offers services: a call, the next fragment of its answer, or its end. */
export interface WireRequest {
  readonly name: 'call' | 'continue' | 'abort';
  readonly id: string | number;
  readonly args: unknown;
}

export interface WireObserver {
  onOpen(): void;
  onEvent(event: WireEvent): void;
  onLogout(reason: string): void;
  onRequest(request: WireRequest): void;
  onClose(code: number, reason: string): void;
}

interface Frame {
  readonly namespace?: unknown;
  readonly name?: unknown;
  readonly id?: unknown;
  readonly args?: unknown;
}

interface OutgoingFrame {
  readonly namespace: string;
  readonly name: string;
  readonly id: string | number | null;
  readonly args: unknown;
}

const OPEN = 1;
/** What a browser reports when the connection went without a goodbye. */
const WENT_SILENTLY = 1_006;

/** One socket that speaks the protocol's frames, from its opening to its end. */
export class Wire {
  readonly #sinks = new Map<number, AnswerSink>();
  #lastId = 0;
  #hasEnded = false;
  #receivedMessages = 0;

  constructor(
    private readonly socket: ClientSocket,
    private readonly codec: ValueCodec,
    private readonly observer: WireObserver,
  ) {
    socket.addEventListener('open', () => {
      if (!this.#hasEnded) observer.onOpen();
    });
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('error', () => undefined); // a close follows, and says what there is to say
    socket.addEventListener('close', ({ code, reason }) => {
      this.#end(code ?? WENT_SILENTLY, reason ?? '');
    });
  }

  get isOpen(): boolean {
    return !this.#hasEnded && this.socket.readyState === OPEN;
  }

  /** Grows with everything that comes: who looks twice knows whether the server is still there. */
  get receivedMessages(): number {
    return this.#receivedMessages;
  }

  /**
   * Sends a frame that is answered. Returns its id, for {@link proceed}, {@link abort} and {@link forget}.
   *
   * @throws TypeError or RangeError for arguments that have no JSON form
   */
  request(name: string, args: unknown, sink: AnswerSink): number {
    return this.#ask('rpc', { name, args }, sink);
  }

  /** Calls a method; see {@link request}. */
  call(method: string, args: unknown, sink: AnswerSink): number {
    return this.request('call', { method, args }, sink);
  }

  /** `subscribe` and `unsubscribe` have no answer when they succeed; only their error comes back. */
  events(name: string, args: unknown, sink?: AnswerSink): number {
    if (sink !== undefined) return this.#ask('events', { name, args }, sink);
    this.#send({ namespace: 'events', name, id: null, args });
    return 0;
  }

  /** Asks for the next fragment of a stream. */
  proceed(id: number, seqno: number): void {
    if (this.#sinks.has(id)) this.#send({ namespace: 'rpc', name: 'continue', id, args: seqno });
  }

  /** Tells the server to stop a call, and is deaf to whatever it still answers. */
  abort(id: number): void {
    if (!this.#sinks.delete(id)) return;
    this.#send({ namespace: 'rpc', name: 'abort', id, args: null });
  }

  forget(id: number): void {
    this.#sinks.delete(id);
  }

  /** Answers a call of the server's: `response`, `fragment` or `end`. @throws as {@link request} does */
  answer(name: 'response' | 'fragment' | 'end', id: string | number, args: unknown): void {
    this.#send({ namespace: 'rpc', name, id, args });
  }

  /** Answers a call of the server's with an error. @throws as {@link request} does, for its `extra` */
  refuse(id: string | number, { code, message, extra }: Omit<WireError, 'name'>): void {
    const args = { code, name: errnoName(code), message, ...(extra !== undefined && { extra }) };
    this.#send({ namespace: 'rpc', name: 'error', id, args });
  }

  /** Says goodbye; for everybody here the connection has ended at once. */
  close(code = 1_000, reason = ''): void {
    this.socket.close(code, reason);
    this.#end(code, reason);
  }

  #ask(
    namespace: string,
    { name, args }: { name: string; args: unknown },
    sink: AnswerSink,
  ): number {
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.isOpen) {
      this.#send({ namespace, name, id, args });
      this.#sinks.set(id, sink);
    } else {
      queueMicrotask(() => sink.onError(connectionLost()));
    }
    return id;
  }

  #send(frame: OutgoingFrame): void {
    if (this.isOpen) this.socket.send(this.codec.stringify(frame));
  }

  #end(code: number, reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const sinks = [...this.#sinks.values()];
    this.#sinks.clear();
    this.observer.onClose(code, reason);
    for (const sink of sinks) sink.onError(connectionLost());
  }

  #receive(data: unknown): void {
    if (this.#hasEnded || typeof data !== 'string') return;
    this.#receivedMessages += 1;
    const frame = parse(data);
    if (frame?.namespace === 'events') this.#receiveEvents(frame);
    else if (frame?.namespace === 'rpc' && isRequest(frame)) this.#receiveRequest(frame);
    else if (frame?.namespace === 'rpc') this.#receiveAnswer(frame);
  }

  #receiveEvents({ name, args }: Frame): void {
    if (name === 'event') this.#tell(args);
    else if (name === 'event_burst')
      for (const event of membersOf(args, 'events')) this.#tell(event);
    else if (name === 'logout') this.observer.onLogout(textIn(args, 'reason') ?? '');
  }

  #tell(event: unknown): void {
    const name = textIn(event, 'name');
    if (name === null || this.#hasEnded) return;
    const { args } = event as { readonly args?: unknown };
    try {
      const decoded = this.codec.decode(args ?? null);
      const cursor = textIn(event, 'cursor');
      this.observer.onEvent({ name, args: decoded, cursor, cause: textIn(event, 'cause') });
    } catch {
      // an extended value that is none: there is nothing here that an application could be given
    }
  }

  #receiveAnswer({ name, id, args }: Frame): void {
    const sink = typeof id === 'number' ? this.#sinks.get(id) : undefined;
    if (sink === undefined || typeof id !== 'number') return;
    try {
      this.#answer(sink, { id, name, args });
    } catch (error) {
      this.#sinks.delete(id);
      const message = `The answer of the server cannot be read: ${messageOf(error)}`;
      sink.onError(toClientError({ code: Errno.EFAULT, message }));
    }
  }

  #answer(
    sink: AnswerSink,
    { id, name, args }: { id: number; name: unknown; args: unknown },
  ): void {
    if (name === 'fragment') {
      const items = membersOf(args, 'fragment').map((item) => this.codec.decode(item));
      sink.onFragment?.(Number((args as { seqno?: unknown }).seqno), items);
      return;
    }
    const value = name === 'response' || name === 'error' ? this.codec.decode(args) : null;
    this.#sinks.delete(id); // after `end` there comes a `close`, which says nothing more
    if (name === 'response') sink.onResponse(value);
    else if (name === 'error') sink.onError(toClientError(value));
    else sink.onEnd?.();
  }

  #receiveRequest({ name, id, args }: WireRequest): void {
    try {
      this.observer.onRequest({ name, id, args: this.codec.decode(args) });
    } catch (error) {
      this.refuse(id, { code: Errno.EINVAL, message: messageOf(error) });
    }
  }
}

function isRequest(frame: Frame): frame is WireRequest {
  const { name, id } = frame;
  if (name !== 'call' && name !== 'continue' && name !== 'abort') return false;
  return typeof id === 'number' || typeof id === 'string';
}

function parse(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function textIn(value: unknown, key: string): string | null {
  const text: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof text === 'string' ? text : null;
}

function membersOf(value: unknown, key: string): readonly unknown[] {
  const list: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return Array.isArray(list) ? list : [];
}
