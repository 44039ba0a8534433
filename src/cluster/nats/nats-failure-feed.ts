import type { Subscription } from '@nats-io/transport-node';
import { FailureFeed, type FailureNews } from '../failure-feed.js';
import { Listeners } from '../listeners.js';
import type { Unsubscribe } from '../unsubscribe.js';
import type { NatsLink } from './nats-link.js';

const WHAT = 'failures';

/** By `<cluster>.ev.<node>.failures`, which NATS keeps no copy of. */
export class NatsFailureFeed extends FailureFeed {
  readonly #listeners = new Listeners<[FailureNews]>();
  readonly #subscription: Subscription;
  readonly #own: string;

  constructor(private readonly link: NatsLink) {
    super();
    this.#own = link.subject('ev', link.node, WHAT);
    this.#subscription = link.connection.subscribe(link.subject('ev', '*', WHAT), {
      callback: (error, message) => {
        if (error !== null || message.subject === this.#own) return;
        this.#listeners.tell(message.json<FailureNews>());
      },
    });
  }

  tell(news: FailureNews): void {
    // what happened long ago limits nobody: it is not kept until NATS returns
    if (this.link.isConnected) this.link.connection.publish(this.#own, JSON.stringify(news));
  }

  follow(listener: (news: FailureNews) => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#subscription.unsubscribe();
  }
}
