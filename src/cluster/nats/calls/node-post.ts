import type { Msg, Subscription } from '@nats-io/transport-node';
import type { NatsLink } from '../nats-link.js';
import type { Sealer } from '../sealer.js';
import { type CallMessage, readMessage, type Received, writeMessage } from './call-message.js';
import { cutMessage, PartJoiner } from './message-parts.js';

const CHANNEL = 'rpc';
/** What NATS answers for a subject that nobody reads. */
const NO_RESPONDERS = 503;
/** As long as the server has not said what it takes. */
const LEAST_PAYLOAD = 32_768;

export interface PostReceiver {
  received(from: string, received: Received): void;
  /** Nobody was there to read a call. */
  unheard(id: string): void;
}

interface Letter {
  readonly to: string;
  readonly text: string;
}

/**
 * Messages of nodes to each other, both ways on one subject for each pair:
 *
 *     <cluster>.rpc.<to>.<from>
 *
 * So NATS proves who it is from. A node's key may publish `<cluster>.rpc.*.<node>` and subscribe
 * `<cluster>.rpc.<node>.>`, and needs no inbox for calls: answers come the same way, and are as little
 * to be forged as requests. That nobody reads a subject NATS says at the reply subject of a call,
 * `<cluster>.rpc.<node>.<node>.<id>`, where no other node may publish either.
 */
export class NodePost {
  readonly #link: NatsLink;
  readonly #prefix: string;
  readonly #subscription: Subscription;
  readonly #parts = new PartJoiner();
  #unsent: Letter[] = [];
  #lastCut = 0;

  constructor(
    link: NatsLink,
    private readonly sealer: Sealer | null,
    private readonly receiver: PostReceiver,
  ) {
    this.#link = link;
    this.#prefix = `${link.subject(CHANNEL, link.node)}.`;
    this.#subscription = link.connection.subscribe(`${this.#prefix}>`, {
      callback: (error, message) => {
        if (error === null) this.#receive(message);
      },
    });
  }

  /** As {@link writeMessage}. */
  write(message: CallMessage, body?: unknown): string {
    return writeMessage(message, body, this.sealer);
  }

  /** While NATS is away it is kept until {@link flush}. Returns the text. @throws as {@link writeMessage} */
  send(to: string, message: CallMessage, body?: unknown): string {
    const text = this.write(message, body);
    this.sendText(to, text);
    return text;
  }

  sendText(to: string, text: string): void {
    const letter = { to, text };
    if (!this.#publish(letter)) this.#unsent.push(letter);
  }

  /** False when NATS is away: a call is never kept, for nobody may wait for it when it is sent. */
  call(to: string, id: string, text: string): boolean {
    return this.#publish({ to, text }, id);
  }

  /** NATS is back. */
  flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const letter of unsent) if (!this.#publish(letter)) this.#unsent.push(letter);
  }

  /** Nothing more comes of that node. */
  forget(node: string): void {
    this.#parts.forget(node);
    this.#unsent = this.#unsent.filter(({ to }) => to !== node);
  }

  async close(): Promise<void> {
    this.#subscription.unsubscribe();
    this.#unsent = [];
    this.#parts.clear();
    // what was said last is on its way then; without NATS there is nobody to say it to
    if (this.#link.isConnected) await this.#link.connection.flush().catch(() => undefined);
  }

  #publish({ to, text }: Letter, callId?: string): boolean {
    const { connection, isConnected, node } = this.#link;
    if (!isConnected || connection.isClosed()) return false;
    const subject = this.#link.subject(CHANNEL, to, node);
    const maxBytes = connection.info?.max_payload ?? LEAST_PAYLOAD;
    const options =
      callId === undefined ? {} : { reply: this.#link.subject(CHANNEL, node, node, callId) };
    this.#lastCut += 1;
    for (const payload of cutMessage(text, maxBytes, `${this.#link.boot}-${this.#lastCut}`))
      connection.publish(subject, payload, options);
    return true;
  }

  #receive({ subject, headers, data }: Msg): void {
    const [from = '', callId] = subject.slice(this.#prefix.length).split('.');
    if (callId !== undefined) {
      if (headers?.code === NO_RESPONDERS) this.receiver.unheard(callId);
      return;
    }
    const text = this.#parts.add(from, data);
    const received = text === null ? null : readMessage(text, this.sealer);
    if (received !== null) this.receiver.received(from, received);
  }
}
