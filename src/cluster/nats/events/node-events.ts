import type { Subscription } from '@nats-io/transport-node';
import type { NatsLink } from '../nats-link.js';
import { readGroup, type WrittenEvent, writeGroup } from './event-group.js';
import type { InterestFeed } from './interest-feed.js';
import { StreamEvent } from './stream-event.js';

/** Events of scope `node`, which other nodes are told of while they want them, and which nobody keeps. */
export class NodeEvents {
  readonly #subscription: Subscription;

  /** @param cursor - the present one: a client that has such an event goes on from there */
  constructor(
    private readonly link: NatsLink,
    private readonly interest: InterestFeed,
    private readonly ports: {
      readonly cursor: () => string;
      readonly deliver: (event: StreamEvent) => void;
    },
  ) {
    this.#subscription = link.connection.subscribe(link.subject('ev', '*', 'node'), {
      callback: (error, message) => {
        const node = message.subject.split('.').at(-2) ?? '';
        if (error === null && node !== link.node) this.#take(message.string(), node);
      },
    });
  }

  /** The event as this node's own clients are given it. */
  publish(event: WrittenEvent): StreamEvent {
    const { link, interest, ports } = this;
    if (link.isConnected && interest.isWantedElsewhere(event.head.name)) {
      const group = { boot: link.boot, first: 0, events: [event] };
      link.connection.publish(link.subject('ev', link.node, 'node'), writeGroup(group));
    }
    return new StreamEvent(event.head, event.args, { cursor: ports.cursor(), node: null });
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  #take(text: string, node: string): void {
    for (const { head, args } of readGroup(text).events) {
      const place = { cursor: this.ports.cursor(), node };
      this.ports.deliver(new StreamEvent(head, args, place));
    }
  }
}
