import { setTimeout as delay } from 'node:timers/promises';
import { Errno, RpcException } from '../../common/index.js';
import { PROTOCOL_DISTANCE } from '../node-protocol.js';
import type { BucketEntry } from './nats-bucket.js';
import {
  describePresence,
  LifeSign,
  type NodeIdentity,
  type Presence,
  readPresence,
} from './presence.js';

const LOOK_MS = 25;

interface Found {
  readonly revision: number;
  readonly presence: Presence | null;
}

/**
 * Whether a node may join those that it finds. Who has its name, or speaks another protocol, keeps it out
 * if he lives: that is seen at once when his process is gone from this machine, else within the lease.
 */
export class Admission {
  readonly #found = new Map<string, Found>();
  readonly #signs = new Map<string, LifeSign>();

  constructor(
    private readonly cluster: string,
    readonly node: NodeIdentity,
    private readonly leaseMs: number,
  ) {}

  /** What the key of the node's own name is at; 0 when there was none. */
  get revision(): number {
    return this.#found.get(this.node.name)?.revision ?? 0;
  }

  get others(): readonly Presence[] {
    return [...this.#found.values()].flatMap(({ presence }) =>
      presence === null || presence.record.name === this.node.name ? [] : [presence],
    );
  }

  note({ key, value, revision }: BucketEntry): void {
    const presence = value === null ? null : readPresence(key, value);
    this.#found.set(key, { revision, presence });
  }

  /** What the node's own name holds now. */
  noteOwn(entry: BucketEntry | null): void {
    if (entry === null) this.#found.delete(this.node.name);
    else this.note(entry);
  }

  /** @throws (rejects with) RpcException EBUSY when somebody who lives is against it */
  async granted(): Promise<void> {
    while (this.#judged() === 'unknown') await delay(LOOK_MS);
  }

  #judged(): 'free' | 'unknown' {
    const nowMs = performance.now();
    let judged: 'free' | 'unknown' = 'free';
    for (const { presence } of this.#found.values()) {
      const objection = presence === null ? null : this.#objection(presence);
      if (presence === null || objection === null) continue;
      const seen = this.#signOf(presence, nowMs).look(presence, nowMs);
      if (seen === 'alive') throw new RpcException(Errno.EBUSY, objection);
      if (seen === 'unknown') judged = 'unknown';
    }
    return judged;
  }

  #objection(presence: Presence): string | null {
    const { name, protocol, version } = presence.record;
    const { node, cluster } = this;
    if (name === node.name) {
      return `Cluster ${cluster} has a node ${name}, ${describePresence(presence)}: give this one another name (dispatcher.cluster.node), or stop that one first`;
    }
    if (Math.abs(protocol - node.protocol) <= PROTOCOL_DISTANCE) return null;
    return `Node ${name} of cluster ${cluster} is of version ${version} (protocol ${protocol}) and does not understand this one, of version ${node.version} (protocol ${node.protocol}): go by the versions between`;
  }

  #signOf(presence: Presence, nowMs: number): LifeSign {
    const { boot } = presence.record;
    const sign = this.#signs.get(boot) ?? new LifeSign(presence, this.leaseMs, nowMs);
    this.#signs.set(boot, sign);
    return sign;
  }
}
