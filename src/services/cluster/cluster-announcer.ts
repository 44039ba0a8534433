import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  EventFanout,
  type Leader,
  Leadership,
  type LostEvents,
  NodeDirectory,
  type Unsubscribe,
} from '../../cluster/index.js';
import { SERVER_NAME } from '../../common/index.js';
import { EventRouter, EventTypeTable } from '../../events/index.js';
import { SchemaRegistry } from '../../schema/index.js';
import { CLUSTER_EVENT_TYPES } from '../../wire/index.js';

/**
 * Publishes what becomes of nodes. Each of them learns it, and one tells it: the leader, whose events
 * reach the clients of all.
 */
@Injectable()
export class ClusterAnnouncer implements OnApplicationShutdown {
  readonly #stops: Unsubscribe[] = [];
  #term: number | null = null;

  constructor(
    private readonly directory: NodeDirectory,
    private readonly leadership: Leadership,
    private readonly events: EventRouter,
    private readonly types: EventTypeTable,
    private readonly schemas: SchemaRegistry,
    private readonly fanout: EventFanout,
  ) {}

  start(): void {
    this.types.addCore(CLUSTER_EVENT_TYPES, this.schemas, SERVER_NAME);
    this.#stops.push(
      this.directory.onJoin(({ name }) =>
        this.#tell('cluster.node_joined', name, `Node ${name} serves with the others`),
      ),
      this.directory.onGone(({ name }, how) => {
        if (how === 'left') this.#tell('cluster.node_left', name, `Node ${name} has left`);
        else this.#tell('cluster.node_lost', name, `Nothing is heard of node ${name} any more`);
      }),
      this.leadership.onChange((leader) => this.#leads(leader)),
      this.fanout.onLost((lost) => this.#tellLost(lost)),
    );
  }

  onApplicationShutdown(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #tell(event: keyof typeof CLUSTER_EVENT_TYPES, node: string, description: string): void {
    if (this.leadership.isCurrent()) this.events.publish(event, { node, description });
  }

  /** By the node that has lost them: no other knows. */
  #tellLost({ count }: LostEvents): void {
    const node = this.directory.self.name;
    const description = `Node ${node} has lost ${count === null ? 'some' : String(count)} events`;
    this.events.publish('cluster.events_lost', { node, count, description });
  }

  /** Once for each term, by the node that begins to lead in it. */
  #leads(leader: Leader | null): void {
    if (leader === null || leader.term === this.#term) return;
    this.#term = leader.term;
    if (leader.node !== this.directory.self.name) return;
    const { node, term } = leader;
    const description = `Node ${node} leads in term ${term}`;
    this.events.publish('cluster.leader_changed', { node, term, description });
  }
}
