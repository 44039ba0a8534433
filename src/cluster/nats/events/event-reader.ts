import {
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  jetstream,
  type JetStreamClient,
  type JsMsg,
} from '@nats-io/jetstream';
import { messageOf } from '../../../common/index.js';
import type { NatsLink } from '../nats-link.js';

/** With the client's own values, consumers stand still for half a minute after their server is gone. */
const EXPIRES_MS = 3_000;
const HEARTBEAT_MS = 1_000;
/** The client itself notices after three of them at the latest; then events would be there too late. */
const SILENCE_MS = 2.25 * HEARTBEAT_MS;
const LOOK_MS = 250;
/** Of groups; what a slow node has in its memory. */
const MAX_UNREAD = 128;
/** While servers agree on who leads, requests get no answer. */
const API_TIMEOUT_MS = 750;
const RETRY_MS = 250;
/** What a consumer that its reader forgot is kept for. */
const INACTIVE_MS = 30_000;
const NANOS = 1_000_000;

/** Reads a stream in order from a sequence on, and begins anew behind the latest one when nothing comes. */
export class EventReader {
  #messages: ConsumerMessages | null = null;
  #consumer: Consumer | null = null;
  /** Another one for each start; what an earlier one still brings is not for us. */
  #run = 0;
  #next = 0;
  #heardAt = 0;
  #retry: NodeJS.Timeout | null = null;
  #look: NodeJS.Timeout | null = null;
  readonly #jetstream: JetStreamClient;

  constructor(
    private readonly link: NatsLink,
    private readonly stream: string,
    private readonly read: (message: JsMsg) => void,
  ) {
    this.#jetstream = jetstream(link.connection, { timeout: API_TIMEOUT_MS });
  }

  /** Reads from that sequence on. */
  start(next: number): void {
    this.stop();
    this.#next = next;
    void this.#consume(this.#run);
  }

  stop(): void {
    this.#run += 1;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#look !== null) clearInterval(this.#look);
    this.#look = null;
    void this.#messages?.close().catch(() => undefined);
    if (this.link.isConnected) this.#consumer?.delete().catch(() => undefined);
    this.#messages = null;
    this.#consumer = null;
  }

  async #consume(run: number): Promise<void> {
    try {
      const consumer = await this.#jetstream.consumers.get(this.stream, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: this.#next,
        inactive_threshold: INACTIVE_MS * NANOS,
      });
      if (run !== this.#run) return;
      const messages = await consumer.consume({
        max_messages: MAX_UNREAD,
        expires: EXPIRES_MS,
        idle_heartbeat: HEARTBEAT_MS,
        callback: (message) => this.#take(message, run),
      });
      if (run !== this.#run) {
        void messages.close().catch(() => undefined);
        return;
      }
      this.#consumer = consumer;
      this.#messages = messages;
      this.#heard();
      this.#look = setInterval(() => this.#onLook(run), LOOK_MS).unref();
      void this.#watch(messages, run);
    } catch (error) {
      this.#again(run, `Events cannot be read: ${messageOf(error)}`);
    }
  }

  #take(message: JsMsg, run: number): void {
    if (run !== this.#run) return;
    this.#heard();
    this.#next = message.seq + 1;
    this.read(message);
  }

  async #watch(messages: ConsumerMessages, run: number): Promise<void> {
    for await (const { type } of messages.status()) {
      if (run !== this.#run) return;
      if (type === 'heartbeat') this.#heard();
      else if (type === 'no_responders')
        this.#again(run, 'Nobody answers for the stream of events');
    }
    this.#again(run, 'The stream of events is read no longer');
  }

  #heard(): void {
    this.#heardAt = performance.now();
  }

  #onLook(run: number): void {
    const isSilent = performance.now() - this.#heardAt > SILENCE_MS;
    if (isSilent) this.#again(run, 'Nothing is heard of the stream of events');
  }

  #again(run: number, why: string): void {
    if (run !== this.#run) return;
    this.stop();
    if (!this.link.isConnected) return; // whoever joins again starts it
    this.link.logger.debug(`${why}; begins anew`);
    const next = this.#run;
    this.#retry = setTimeout(() => void this.#consume(next), RETRY_MS);
  }
}
