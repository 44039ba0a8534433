import { Inject, Injectable } from '@nestjs/common';
import {
  counter,
  gauge,
  type MetricFamily,
  type MetricsSource,
  samplesBy,
} from '../metrics/index.js';
import { DispatcherGateway } from './dispatcher.gateway.js';
import { EventFrames } from './protocol/index.js';

interface Totals {
  readonly byKind: Map<string, number>;
  frames: number;
  bytes: number;
  deepest: number;
  subscriptions: number;
}

/** Who is connected, and what waits for those who do not read as fast as they are written to. */
@Injectable()
export class GatewayMetrics implements MetricsSource {
  constructor(
    @Inject(DispatcherGateway)
    private readonly gateway: Pick<DispatcherGateway, 'connections' | 'openedConnections'>,
    @Inject(EventFrames) private readonly events: Pick<EventFrames, 'delivered'>,
  ) {}

  collect(): MetricFamily[] {
    const { byKind, frames, bytes, deepest, subscriptions } = this.#totals();
    return [
      {
        name: 'dispatcher_connections',
        help: 'Open connections, by who is logged in on them',
        type: 'gauge',
        samples: samplesBy('kind', byKind),
      },
      counter(
        'dispatcher_connections_opened_total',
        'Connections that were let in',
        this.gateway.openedConnections,
      ),
      counter(
        'dispatcher_events_delivered_total',
        'Events that were sent, counted once for each client',
        this.events.delivered,
      ),
      gauge('dispatcher_subscriptions', 'Masks that clients have subscribed to', subscriptions),
      gauge('dispatcher_outbox_frames', 'Frames that wait for clients to read', frames),
      gauge('dispatcher_outbox_bytes', 'Bytes that wait for clients to read', bytes),
      gauge('dispatcher_outbox_max_frames', 'Frames that wait for the slowest client', deepest),
    ];
  }

  #totals(): Totals {
    const byKind = new Map(['user', 'service', 'anonymous'].map((kind) => [kind, 0]));
    const totals: Totals = { byKind, frames: 0, bytes: 0, deepest: 0, subscriptions: 0 };
    for (const { sender, outbox, masks } of this.gateway.connections) {
      byKind.set(sender.kind, (byKind.get(sender.kind) ?? 0) + 1);
      const { pendingFrames, pendingBytes } = outbox;
      totals.frames += pendingFrames;
      totals.bytes += pendingBytes;
      totals.deepest = Math.max(totals.deepest, pendingFrames);
      totals.subscriptions += masks.size;
    }
    return totals;
  }
}
