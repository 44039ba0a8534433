import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  mongodbAddress,
  tellsLostCommits,
  type TestDatabase,
} from '../conformance/mongodb-target.js';
import { startNatsCluster } from './nats-cluster.js';
import { natsObstacle, type NatsServer } from './nats-server.js';
import { PlainClient } from './plain-client.js';
import { ServerProcess } from './server-process.js';
import { TcpGate } from './tcp-gate.js';

const LAST_LINES = 12;

/** Why no cluster can be started here; null when it can. */
export const clusterObstacle: string | null =
  natsObstacle ?? ((process.env['MONGODB_URI'] ?? '') === '' ? 'needs MongoDB: MONGODB_URI' : null);

export interface ClusterGroundOptions {
  readonly nodes: readonly string[];
  /** How many NATS servers; one unless said otherwise. */
  readonly natsServers?: number;
  /** Text of each plugin, by its name; all nodes have them. */
  readonly plugins?: Readonly<Record<string, string>>;
  /** The same of those that only one node has, by the node. */
  readonly pluginsOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** More of the section `dispatcher`, and of its `cluster`. */
  readonly dispatcher?: Readonly<Record<string, unknown>>;
  readonly cluster?: Readonly<Record<string, unknown>>;
}

/** The ways from one node to what it needs. */
interface Ways {
  readonly nats: readonly TcpGate[];
  readonly store: TcpGate;
}

/** Dispatchers in processes of their own over NATS servers and a database of the test's own. */
export class ClusterGround {
  readonly #processes = new Map<string, ServerProcess>();
  readonly #ways = new Map<string, Ways>();
  readonly #clients: PlainClient[] = [];

  private constructor(
    private readonly options: ClusterGroundOptions,
    readonly folder: string,
    readonly nats: readonly NatsServer[],
    private readonly database: TestDatabase,
    /** Whether it may be cut off in the middle of a commit: see {@link tellsLostCommits}. */
    readonly mayCutStore: boolean,
  ) {}

  /** Starts NATS and every node, one after the other. */
  static async start(options: ClusterGroundOptions): Promise<ClusterGround> {
    const ground = await ClusterGround.prepare(options);
    for (const node of options.nodes) await ground.up(node);
    return ground;
  }

  /** Starts NATS; no node yet. */
  static async prepare(options: ClusterGroundOptions): Promise<ClusterGround> {
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-cluster-'));
    writeFileSync(join(folder, 'cluster.key'), `${randomBytes(32).toString('base64')}\n`, {
      mode: 0o600,
    });
    writePlugins(join(folder, 'plugins'), options.plugins);
    for (const node of options.nodes) {
      writePlugins(join(folder, `plugins-${node}`), options.pluginsOf?.[node]);
    }
    const database = mongodbAddress('cluster');
    if (database === null) throw new Error('A cluster needs MongoDB: see clusterObstacle');
    const nats = await startNatsCluster(options.natsServers ?? 1);
    return new ClusterGround(options, folder, nats, database, await tellsLostCommits(database.dsn));
  }

  /** Starts a node, again if it has been there before. */
  async up(node: string): Promise<ServerProcess> {
    const process = await ServerProcess.start(await this.settingsOf(node));
    this.#processes.set(node, process);
    return process;
  }

  async settingsOf(node: string): Promise<Parameters<typeof ServerProcess.start>[0] & object> {
    const { store, nats } = await this.#waysOf(node);
    const dsn = new URL(this.database.dsn);
    dsn.port = String(store.port);
    return {
      stateDirectory: join(this.folder, `state-${node}`),
      dispatcher: {
        'shipped-plugins': false,
        'plugin-dirs': [join(this.folder, 'plugins'), join(this.folder, `plugins-${node}`)],
        ...this.options.dispatcher,
        cluster: {
          node,
          name: 'test',
          servers: nats.map(({ port }) => `nats://127.0.0.1:${port}`),
          key: join(this.folder, 'cluster.key'),
          'lease-ms': 5_000,
          'node-lost-ms': 10_000,
          ...this.options.cluster,
        },
      },
      datastore: { driver: 'mongodb', dsn: dsn.href },
    };
  }

  process(node: string): ServerProcess {
    const process = this.#processes.get(node);
    if (process === undefined) throw new Error(`Node ${node} was not started`);
    return process;
  }

  /** A client of a node, logged in as root of this machine. */
  async client(node: string): Promise<PlainClient> {
    const client = await PlainClient.loggedIn(this.process(node).url);
    this.#clients.push(client);
    return client;
  }

  /** Ends a node's process at once. */
  async kill(node: string): Promise<void> {
    await this.process(node).stop('SIGKILL');
  }

  /** Cuts a node off from NATS, the store or both, and lets it through again. */
  cut(node: string, from: 'nats' | 'store'): void {
    for (const gate of this.#gates(node, from)) gate.shut();
  }

  heal(node: string): void {
    for (const from of ['nats', 'store'] as const) {
      for (const gate of this.#gates(node, from)) gate.open();
    }
  }

  /** The node that leads, as a node sees it. */
  async leader(seenFrom: string): Promise<string | null> {
    const client = await this.client(seenFrom);
    const leader = await client.result<{ node: string } | null>('cluster.get_leader');
    return leader?.node ?? null;
  }

  /** What each node said last, for a test that fails. */
  lastWords(): string {
    return Array.from(this.#processes, ([node, { log, hasExited }]) =>
      [`${node}${hasExited ? ' has ended' : ''}:`, ...log.slice(-LAST_LINES)].join('\n  '),
    ).join('\n');
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#clients) socket.terminate();
    for (const node of this.#ways.keys()) this.heal(node);
    await Promise.all([...this.#processes.values()].map((process) => process.stop('SIGKILL')));
    await Promise.all(this.nats.map((server) => server.stop()));
    for (const { nats, store } of this.#ways.values()) {
      await Promise.all([...nats, store].map((gate) => gate.close()));
    }
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #gates(node: string, from: 'nats' | 'store'): readonly TcpGate[] {
    const ways = this.#ways.get(node);
    if (ways === undefined) return [];
    return from === 'nats' ? ways.nats : [ways.store];
  }

  async #waysOf(node: string): Promise<Ways> {
    const known = this.#ways.get(node);
    if (known !== undefined) return known;
    const ways = {
      nats: await Promise.all(this.nats.map(({ port }) => TcpGate.before(port))),
      store: await TcpGate.before(Number(new URL(this.database.dsn).port)),
    };
    this.#ways.set(node, ways);
    return ways;
  }
}

function writePlugins(folder: string, plugins: Readonly<Record<string, string>> = {}): void {
  mkdirSync(folder);
  for (const [name, text] of Object.entries(plugins)) {
    writeFileSync(join(folder, `${name}.ts`), text);
  }
}
