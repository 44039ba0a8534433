import { Errno } from '../common/index.js';
import { DatastoreException } from '../sdk/datastore.js';

/** Who works on a store, as the line says that refuses another one. */
export interface LeaseHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  /** Where its clients connect; none as long as it starts, or when it is a tool. */
  readonly addresses: readonly string[];
}

/** Whose nodes share a store, and which of them this is. */
export interface StoreCluster {
  readonly name: string;
  readonly node: string;
}

/** What the taker of a lease brings along. */
export interface LeaseRequest {
  readonly holder: LeaseHolder;
  /** The lease is had together with the other nodes; not given, by this server alone. */
  readonly cluster?: StoreCluster | null;
  /** A store that is not there is refused; not given, it is made. */
  readonly onlyExisting?: boolean;
  /** Called once when the lease turns out to be somebody else's. */
  readonly onLost: (reason: string) => void;
  /** Called when it takes a while to see whether the holder of the store lives. */
  readonly onWaiting?: (holder: string) => void;
  /** Called when the store itself has not answered for a second; it is waited for until `limitMs` are over. */
  readonly onAway?: (store: string, limitMs: number) => void;
}

/**
 * The right to be the one server of a store, or one of the nodes of its one cluster. It is taken before anything else of the store is
 * touched, and is over when it is released, when its process ends or, where only a row can tell,
 * when nothing was heard of its holder for a while.
 */
export interface StoreLease {
  /** The term that ended when this was taken; null where that is known once the store is open. */
  readonly lastTerm: number | null;
  /** Lets others know where this server can be found. */
  announce(addresses: readonly string[]): Promise<void>;
  release(): Promise<void>;
}

/** Takes the lease of the store at an address. Rejects with a DatastoreException that names its holder. */
export type LeaseFactory = (dsn: string, request: LeaseRequest) => Promise<StoreLease>;

/** By the name of the driver, as the drivers themselves. */
export type LeaseRegistry = ReadonlyMap<string, LeaseFactory>;

/** The lease is somebody else's. */
export class StoreInUseException extends DatastoreException {
  /** Which store, and whose it is: the message without its advice. */
  readonly finding: string;

  /**
   * @param store - which one it is, without its secrets
   * @param by - what the holder is
   */
  constructor(store: string, holder: string, by: 'server' | 'cluster' = 'server') {
    super(
      Errno.EBUSY,
      by === 'server'
        ? `Datastore ${store} is in use by ${holder}: there is one server to a store, stop that one first`
        : `Datastore ${store} is in use by ${holder}: a node joins with its name (dispatcher.cluster.name), any other server waits until all nodes are stopped`,
    );
    this.finding = `Datastore ${store} is in use by ${holder}`;
  }
}

/** In words; whatever was found may be damaged, or of another version. */
export function describeHolder(found: unknown): string {
  const { pid, host, since, addresses } = (found ?? {}) as Partial<Record<string, unknown>>;
  if (typeof pid !== 'number') return 'another process';
  const words = [`process ${pid}`];
  if (typeof host === 'string') words.push(`on ${host}`);
  if (typeof since === 'string') words.push(`since ${since}`);
  if (Array.isArray(addresses) && addresses.length > 0) words.push(`at ${addresses.join(' and ')}`);
  return words.join(' ');
}

/** In words, with the nodes by their names. */
export function describeCluster(
  name: string,
  nodes: readonly { readonly node: string; readonly owner: LeaseHolder }[],
): string {
  const words = [...nodes]
    .sort((one, other) => (one.node < other.node ? -1 : 1))
    .map(({ node, owner }) => `${node}: ${describeHolder(owner)}`);
  return words.length === 0 ? `cluster ${name}` : `cluster ${name} (${words.join('; ')})`;
}
