import { jetstream, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../../sdk/index.js';

/** What the ports of a node over NATS have in common. */
export interface NatsLinkParts {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  /** Name of the cluster: begins every subject, stream and bucket. */
  readonly cluster: string;
  readonly node: string;
  /** Of this start of the node's server: letters and digits. */
  readonly boot: string;
  /** Of streams and buckets. */
  readonly replicas: number;
  readonly logger: Logger;
}

/**
 * A node's connection to NATS, with the names of its cluster. Subjects: `<cluster>.ev.<node>` for events,
 * `<cluster>.rpc.<callee>.<what>` for requests; each node may publish and read what its keys allow.
 */
export class NatsLink {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly jetstream: JetStreamClient;
  readonly kv: Kvm;
  readonly cluster: string;
  readonly node: string;
  readonly boot: string;
  readonly replicas: number;
  readonly logger: Logger;
  readonly #listeners = new Set<(isConnected: boolean) => void>();
  readonly #told = new Set<string>();
  #isConnected = true;

  constructor(parts: NatsLinkParts) {
    this.connection = parts.connection;
    this.manager = parts.manager;
    this.cluster = parts.cluster;
    this.node = parts.node;
    this.boot = parts.boot;
    this.replicas = parts.replicas;
    this.logger = parts.logger;
    this.jetstream = jetstream(parts.connection);
    this.kv = new Kvm(parts.connection);
    void this.#watch();
  }

  /** A subject of this cluster. */
  subject(...parts: readonly string[]): string {
    return [this.cluster, ...parts].join('.');
  }

  /** The name of a stream or bucket of this cluster, where dots may not stand. */
  named(what: string): string {
    return `${this.cluster}_${what}`;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Told when the connection is lost and found again; returns how to stop. */
  onConnected(listener: (isConnected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.#connected(false);
      else if (status.type === 'reconnect') this.#connected(true);
      else if (status.type === 'error') this.#tell(status.error);
    }
  }

  /** Each once between two connections: a key that is refused is so with every attempt. */
  #tell(error: Error): void {
    if (this.#told.has(error.message)) return;
    this.#told.add(error.message);
    this.logger.error(`NATS refuses something: ${error.message}`);
  }

  #connected(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#told.clear();
    this.#isConnected = isConnected;
    if (isConnected) this.logger.info(`NATS is reached again, at ${this.connection.getServer()}`);
    else this.logger.warn('The connection to NATS is lost: this node tries again until it stands');
    for (const listener of [...this.#listeners]) listener(isConnected);
  }
}
