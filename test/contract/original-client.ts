import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { WireErrorArgs, WireFrame } from '../support/plain-client.js';

/** What the server may call: returns the result, or the items of a stream. */
export type ServerMethod = (...args: unknown[]) => unknown;

interface Pending {
  readonly items: unknown[];
  seqno: number;
  hasEnded: boolean;
  isAborted: boolean;
  resolve(value: unknown): void;
  reject(error: WireErrorArgs): void;
}

/** Names of frames that a client of the original understands, by the language it is written in. */
const UNDERSTOOD = {
  javascript: ['response', 'error', 'event', 'logout'],
  python: [
    ...['response', 'error', 'event', 'logout', 'event_burst'],
    ...['call', 'continue', 'fragment', 'end', 'close', 'abort'],
  ],
} as const;

/**
 * A client that speaks as those of the original do and is as easily put out: it notes every frame
 * that it does not understand, did not ask for, or that has not exactly the four (or, for events, the
 * documented) keys.
 */
export class OriginalClient {
  readonly complaints: string[] = [];
  readonly events: { readonly name: string; readonly args: Record<string, unknown> }[] = [];
  readonly methods = new Map<string, ServerMethod>();
  readonly closed: Promise<unknown>;
  logoutReason: string | null = null;
  readonly #pending = new Map<string, Pending>();
  readonly #streams = new Map<string, unknown[]>();

  private constructor(
    private readonly socket: WebSocket,
    private readonly language: keyof typeof UNDERSTOOD,
  ) {
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString()) as WireFrame));
    this.closed = once(socket, 'close');
  }

  static async connect(
    url: string,
    language: keyof typeof UNDERSTOOD = 'python',
  ): Promise<OriginalClient> {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return new OriginalClient(socket, language);
  }

  request(name: string, args: unknown, id: string = randomUUID()): Promise<unknown> {
    const outcome = new Promise((resolve, reject: Pending['reject']) => {
      this.#pending.set(id, {
        items: [],
        seqno: 0,
        hasEnded: false,
        isAborted: false,
        resolve,
        reject,
      });
    });
    this.#send('rpc', name, args, id);
    return outcome;
  }

  login(username: string, password: string): Promise<unknown> {
    return this.request('auth', { username, password, resource: 'cli' });
  }

  call(method: string, ...args: unknown[]): Promise<unknown> {
    return this.request('call', { method, args });
  }

  /** Masks go one by one, without an id, and nothing is waited for. */
  subscribe(...masks: string[]): void {
    for (const mask of masks) this.#send('events', 'subscribe', [mask]);
  }

  emit(name: string, args: object): void {
    this.#send('events', 'event', { name, args });
  }

  emitBurst(...events: readonly { name: string; args: object }[]): void {
    this.#send('events', 'event_burst', { events });
  }

  abort(id: string): void {
    const call = this.#pending.get(id);
    if (call !== undefined) call.isAborted = true; // nothing more is asked for
    this.#send('rpc', 'abort', null, id);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #send(namespace: string, name: string, args: unknown, id: string | null = null): void {
    this.socket.send(JSON.stringify({ namespace, name, id, args }));
  }

  #receive(frame: WireFrame): void {
    const isKnown = (UNDERSTOOD[this.language] as readonly string[]).includes(frame.name);
    const hasKeys = Object.keys(frame).sort().join() === 'args,id,name,namespace';
    if (!isKnown || !hasKeys) this.complaints.push(JSON.stringify(frame));
    else if (frame.namespace === 'events') this.#receiveEvent(frame);
    else if (frame.name === 'call') this.#serve(frame);
    else if (frame.name === 'continue' || frame.name === 'abort') this.#serveStream(frame);
    else this.#receiveOutcome(frame);
  }

  #receiveEvent({ name, args }: WireFrame): void {
    if (name === 'logout') this.logoutReason = (args as { reason: string }).reason;
    else if (name === 'event') this.events.push(args as never);
    else this.events.push(...(args as { events: never[] }).events);
  }

  #receiveOutcome({ name, id, args }: WireFrame): void {
    const call = this.#pending.get(String(id));
    if (call === undefined) {
      this.complaints.push(`spurious ${name} for ${String(id)}`);
    } else if (name === 'fragment') {
      const { seqno, fragment } = args as { seqno: number; fragment: unknown[] };
      if (seqno !== call.seqno + 1) this.complaints.push(`fragment ${seqno} after ${call.seqno}`);
      call.seqno = seqno;
      call.items.push(...fragment);
      if (!call.isAborted) this.#send('rpc', 'continue', seqno + 1, String(id));
    } else if (name === 'end') {
      if (args !== call.seqno + 1) this.complaints.push(`end ${String(args)} after ${call.seqno}`);
      call.hasEnded = true;
    } else {
      this.#pending.delete(String(id));
      if (name === 'error') call.reject(args as WireErrorArgs);
      else call.resolve(name === 'response' ? args : { items: call.items, ended: call.hasEnded });
    }
  }

  #serve({ id, args }: WireFrame): void {
    const { method, args: given } = args as { method: string; args: unknown[] };
    const serve = this.methods.get(method);
    if (serve === undefined) {
      this.#send('rpc', 'error', { code: 2, message: 'Method not found' }, String(id));
      return;
    }
    const result = serve(...given);
    if (!(result instanceof Set)) {
      this.#send('rpc', 'response', result, String(id));
      return;
    }
    this.#streams.set(String(id), [...(result as Set<unknown>)]);
    this.#serveStream({ namespace: 'rpc', name: 'continue', id, args: 1 });
  }

  #serveStream({ name, id, args }: WireFrame): void {
    const items = this.#streams.get(String(id));
    if (items === undefined) {
      this.complaints.push(`${name} of an unknown call`);
    } else if (name === 'abort' || items.length === 0) {
      if (name !== 'abort') this.#send('rpc', 'end', args, String(id));
      this.#send('rpc', 'close', null, String(id));
      this.#streams.delete(String(id));
    } else {
      this.#send('rpc', 'fragment', { seqno: args, fragment: [items.shift()] }, String(id));
    }
  }
}
