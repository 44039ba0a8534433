import { ClusterFigures } from '../cluster-ports.js';
import type { NatsEventFanout } from './nats-event-fanout.js';
import type { NatsLeadership } from './nats-leadership.js';
import type { NatsLink } from './nats-link.js';
import type { NatsNodeCalls } from './nats-node-calls.js';

interface Parts {
  readonly link: NatsLink;
  readonly leadership: NatsLeadership;
  readonly calls: NatsNodeCalls;
  readonly events: NatsEventFanout;
}

/** What the ports over NATS count. */
export class NatsFigures extends ClusterFigures {
  constructor(private readonly parts: Parts) {
    super();
  }

  get isConnected(): boolean {
    return this.parts.link.isConnected;
  }

  get epoch(): string {
    return this.parts.events.epoch;
  }

  get epochs(): number {
    return this.parts.events.epochs;
  }

  get eventLag(): number {
    return this.parts.events.lag;
  }

  get bufferBytes(): number {
    return this.parts.events.bufferBytes;
  }

  get groups(): number {
    return this.parts.events.groups;
  }

  get leaseAgeMs(): number | null {
    return this.parts.leadership.leaseAgeMs;
  }

  get fenced(): number {
    return this.parts.leadership.fenced;
  }

  get calls(): ReadonlyMap<string, number> {
    return this.parts.calls.sent;
  }
}
