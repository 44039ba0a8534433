import type { RawSocket } from './raw-socket.js';
import { clientFrame } from './wire.js';

/** What is published: the shape of the events a management server is full of. */
export interface BenchEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>> & { readonly seq: number };
}

/** How events are published to, and arrive from, a kind of server. */
export interface EventDialect {
  /** Resolves when the connection is sure to get every event of that name that is published from now on. */
  subscribe(socket: RawSocket, name: string): Promise<void>;
  /** The message that publishes an event. */
  publication(event: BenchEvent): unknown;
  /** The event in a message; what the server added to it is left in. */
  read(text: string): BenchEvent;
}

export const EVENT_NAME = 'bench.changed';

/** The n-th event; with `padding`, that many characters longer. */
export function benchEvent(seq: number, padding = 0): BenchEvent {
  const change = { operation: 'update', ids: [1000 + (seq % 100)], state: 'running', progress: 42 };
  const args = { seq, ...change };
  return { name: EVENT_NAME, args: padding === 0 ? args : { ...args, text: '-'.repeat(padding) } };
}

/** The dispatcher's frames. The call behind the subscription is answered after it took effect. */
export const rpcEvents: EventDialect = {
  async subscribe(socket, name) {
    socket.write(frameOf({ namespace: 'events', name: 'subscribe', id: null, args: [name] }));
    const call = { method: 'management.ping', args: [] };
    const reply = await socket.request({ namespace: 'rpc', name: 'call', id: 1, args: call });
    const { name: outcome } = JSON.parse(reply) as { name: string };
    if (outcome !== 'response') throw new Error(`The subscription failed: ${reply}`);
  },
  publication: (event) => ({ namespace: 'events', name: 'event', id: null, args: event }),
  read(text) {
    const { namespace, name, args } = JSON.parse(text) as Record<string, unknown>;
    if (namespace !== 'events' || name !== 'event') throw new Error(`Not an event: ${text}`);
    return args as BenchEvent;
  },
};

/** What Nest's `ws` adapter speaks. */
export const nestEvents: EventDialect = {
  async subscribe(socket, name) {
    await socket.request({ event: 'subscribe', data: name });
  },
  publication: (event) => ({ event: 'publish', data: event }),
  read(text) {
    const { event, data } = JSON.parse(text) as Record<string, unknown>;
    if (event !== 'event') throw new Error(`Not an event: ${text}`);
    return data as BenchEvent;
  },
};

function frameOf(message: unknown): Buffer {
  return clientFrame(Buffer.from(JSON.stringify(message)));
}
