import type { LostEvents } from '../../src/cluster/index.js';
import {
  NatsEventFanout,
  type NatsEventOptions,
  type NatsLink,
} from '../../src/cluster/nats/index.js';
import { Told } from './event-fanout.conformance.js';

export const JOURNAL = { events: 10_000, bytes: 16_000_000 };
export const MINUTE_MS = 60_000;

/** A node of a test: what it was told, and how it takes part. */
export class Node extends Told {
  readonly lost: LostEvents[] = [];

  private constructor(
    readonly link: NatsLink,
    override readonly fanout: NatsEventFanout,
  ) {
    super(fanout);
    fanout.onLost((lost) => this.lost.push(lost));
  }

  static async join(link: NatsLink, options: Partial<NatsEventOptions> = {}): Promise<Node> {
    const fanout = await NatsEventFanout.open(link, {
      journal: JOURNAL,
      stream: { maxBytes: 8_000_000, maxAgeMs: MINUTE_MS },
      bufferBytes: 1_000_000,
      islandAfterMs: MINUTE_MS,
      mayRenewEpoch: () => link.node === 'n1',
      ...options,
    });
    return new Node(link, fanout);
  }

  async leave(): Promise<void> {
    await this.fanout.close();
    await this.link.close();
  }
}
