import { messageOf } from '../../../common/index.js';
import type { NatsLink } from '../nats-link.js';
import type { EventPublisher } from './event-publisher.js';
import type { EventStream } from './event-stream.js';

const LOOK_MS = 500;

export interface EpochKeeperOptions {
  /** Whether this node leads: the leader writes the next epoch. */
  readonly mayRenew: () => boolean;
}

/**
 * Sees to it that an epoch ends whose cursors may say nothing any more. Whoever notices tells all nodes
 * through the stream; the leader then begins another epoch, which it tells them the same way.
 */
export class EpochKeeper {
  /** Epochs that began since the start of this node. */
  epochs = 0;
  #isSuspected = false;
  /** What this node told, or is about to. */
  #told: string | null = null;
  #isRenewing = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly link: NatsLink,
    private readonly parts: { readonly stream: EventStream; readonly publisher: EventPublisher },
    private readonly options: EpochKeeperOptions,
  ) {}

  /** Cursors of the present epoch may say nothing any more. */
  get isSuspected(): boolean {
    return this.#isSuspected;
  }

  /** This node has reason to. */
  suspect(epoch: string): void {
    this.suspected();
    if (this.#told === epoch) return;
    this.#told = epoch;
    this.parts.publisher.note({ suspected: epoch });
  }

  /** Some node has. */
  suspected(): void {
    this.#isSuspected = true;
    this.#timer ??= setInterval(() => void this.#renew(), LOOK_MS).unref();
    void this.#renew();
  }

  begun(): void {
    this.epochs += 1;
    this.#isSuspected = false;
    this.#isRenewing = false;
    this.close();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing || !this.link.isConnected || !this.options.mayRenew()) return;
    this.#isRenewing = true;
    try {
      const epoch = await this.parts.stream.renew();
      this.link.logger.warn(`Events: epoch ${epoch} begins, cursors of before are gaps`);
      this.parts.publisher.note({ epoch });
    } catch (error) {
      this.#isRenewing = false;
      this.link.logger.debug(`The epoch of events could not be renewed: ${messageOf(error)}`);
    }
  }
}
