import type { NodeCalls, NodeDirectory } from '../../../src/cluster/index.js';
import {
  NatsLeadership,
  NatsNodeCalls,
  NatsNodeDirectory,
} from '../../../src/cluster/nats/index.js';
import { mongodbDriver } from '../../../src/datastore/drivers/mongodb/index.js';
import { DocumentStore } from '../../../src/datastore/index.js';
import { MemoryDriver, MemoryStore } from '../../../src/testing/memory.driver.js';
import { linkTo } from '../../support/nats-nodes.js';
import type { NatsServer } from '../../support/nats-server.js';
import { TcpGate } from '../../support/tcp-gate.js';
import { ClusterNode, TaskStage, until } from './task-cluster.js';

const LEASE_MS = 1_000;
/** Long enough for a node that stalls while others start. */
const NODE_LOST_MS = 3_000;

interface Place {
  readonly directory: NodeDirectory;
  readonly calls: NodeCalls;
  readonly leadership: NatsLeadership;
  /** Between the node and NATS. */
  readonly gate: TcpGate;
  readonly store: DocumentStore;
  close(): Promise<void>;
}

let clusters = 0;

/** Nodes over NATS and a store that all have, each with a connection of its own to both. */
export class NatsTaskCluster extends TaskStage {
  readonly #places = new Map<string, Place>();

  /**
   * @param open - another connection to the store of all
   */
  private constructor(
    private readonly server: NatsServer,
    private readonly openStore: () => Promise<DocumentStore>,
    reader: DocumentStore,
  ) {
    super(reader);
    clusters += 1;
  }

  /** Nodes n1, n2 and n3, of which one leads. @param dsn - of MongoDB; null: rows in memory */
  static async start(server: NatsServer, dsn: string | null): Promise<NatsTaskCluster> {
    const rows = new MemoryStore();
    const events = { onStateChange: () => undefined };
    const open = async (): Promise<DocumentStore> =>
      new DocumentStore(dsn === null ? new MemoryDriver(rows) : await mongodbDriver()(dsn, events));
    const cluster = new NatsTaskCluster(server, open, await open());
    for (const name of ['n1', 'n2', 'n3']) await cluster.#add(name);
    for (const name of ['n1', 'n2', 'n3']) await cluster.#stand(name);
    await until(() => cluster.leader !== null);
    return cluster;
  }

  /** The node that leads and takes tasks; null while none does. */
  get leader(): string | null {
    for (const [name, { leadership }] of this.#places) if (leadership.term !== null) return name;
    return null;
  }

  /** Nodes that do not lead, by name. */
  get others(): readonly string[] {
    const { leader } = this;
    return [...this.#places.keys()].filter((name) => name !== leader);
  }

  place(name: string): Place {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`There is no node ${name}`);
    return place;
  }

  /** The leader makes room for another one. */
  async handOver(): Promise<string> {
    const former = this.leader;
    await this.place(former ?? '').leadership.resign();
    await until(() => this.leader !== null && this.leader !== former);
    return this.leader ?? '';
  }

  override async dispose(): Promise<void> {
    for (const { gate } of this.#places.values()) gate.open();
    await super.dispose();
    for (const { leadership } of this.#places.values()) await leadership.close();
    for (const place of this.#places.values()) await place.close();
    await this.reader.close();
  }

  async #add(name: string): Promise<void> {
    const gate = await TcpGate.before(this.server.port);
    const url = `nats://127.0.0.1:${gate.port}`;
    const link = await linkTo(url, { node: name, cluster: `tasks${clusters}` });
    const options = { leaseMs: LEASE_MS, version: '1.0.0', isScheduler: true };
    const directory = await NatsNodeDirectory.join(link, { ...options, onTaken: () => undefined });
    const calls = new NatsNodeCalls(link, directory);
    const leadership = NatsLeadership.open(link, { leaseMs: LEASE_MS });
    const store = await this.openStore();
    const close = async (): Promise<void> => {
      await calls.close();
      await directory.close();
      await link.close();
      await gate.close();
      await store.close();
    };
    this.#places.set(name, { directory, calls, leadership, gate, store, close });
    const ports = { directory, calls, leadership };
    this.nodes.set(name, new ClusterNode(this, { name, ports, store, nodeLostMs: NODE_LOST_MS }));
  }

  async #stand(name: string): Promise<void> {
    const { directory, leadership, store } = this.place(name);
    await directory.announce({ state: 'live' });
    await leadership.campaign(store.term);
  }
}
