import { isLoopbackAddress } from '../../common/index.js';
import { FORMATS } from '../../config/index.js';
import { UsageError } from '../exit-status.js';

const NAME = FORMATS['node-name'];
const ADDRESS = FORMATS['listen-address'];
const MAX_NODES = 32;
const PORTS = { nats: 4_222, routes: 6_222, clients: 5_000, console: 8_180 };
const LOOPBACK = '127.0.0.1';
/** Of more, each write waits for more of them; of fewer, none may fail. */
const NATS_SERVERS = 3;

export interface PlannedNode {
  readonly name: string;
  readonly address: string;
  /** Each rises by one for each node before it at the same address. */
  readonly ports: typeof PORTS;
  /** Whether NATS runs beside it. */
  readonly hasNats: boolean;
}

export interface ClusterPlan {
  readonly name: string;
  readonly nodes: readonly PlannedNode[];
  readonly hasTls: boolean;
  /** What is not as it should be, although it works. */
  readonly warnings: readonly string[];
}

export interface PlanRequest {
  readonly name: string;
  /** `n1,n2,n3` */
  readonly nodes: string;
  /** `n1=10.0.0.1`, several to a word or a word each. */
  readonly addresses: readonly string[];
  /** Certificates although nobody else can listen. */
  readonly wantsTls: boolean;
}

/** @throws UsageError for names and addresses that are none, or do not belong together */
export function planCluster({ name, nodes, addresses, wantsTls }: PlanRequest): ClusterPlan {
  assertName('name', name);
  const names = namesOf(nodes);
  const places = placesOf(names, addresses);
  const natsCount = names.length < NATS_SERVERS ? 1 : NATS_SERVERS;
  const taken = new Map<string, number>();
  const planned = names.map((node, index) => {
    const address = places.get(node) ?? LOOPBACK;
    const shift = taken.get(address) ?? 0;
    taken.set(address, shift + 1);
    const ports = Object.entries(PORTS).map(([what, port]) => [what, port + shift]);
    return {
      name: node,
      address,
      ports: Object.fromEntries(ports) as typeof PORTS,
      hasNats: index < natsCount,
    };
  });
  return {
    name,
    nodes: planned,
    hasTls: wantsTls || planned.some(({ address }) => !isLoopback(address)),
    warnings: warningsFor(planned),
  };
}

function namesOf(words: string): readonly string[] {
  const names = words.split(',').map((name) => name.trim());
  for (const name of names) assertName('nodes', name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new UsageError(`--nodes: ${double} is there twice`);
  if (names.length > MAX_NODES) {
    throw new UsageError(`--nodes: at most ${MAX_NODES}, got ${names.length}`);
  }
  return names;
}

function placesOf(
  names: readonly string[],
  addresses: readonly string[],
): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const word of addresses.flatMap((text) => text.split(','))) {
    const [name = '', address = ''] = word.trim().split('=');
    if (!names.includes(name)) {
      throw new UsageError(`--address: NODE=ADDRESS of one of the nodes, got ${quoted(word)}`);
    }
    if (!ADDRESS.accepts(address)) {
      throw new UsageError(`--address: expected ${ADDRESS.expected}, got ${quoted(address)}`);
    }
    if (places.has(name)) throw new UsageError(`--address: ${name} is there twice`);
    places.set(name, address);
  }
  const missing = names.filter((name) => !places.has(name));
  if (places.size > 0 && missing.length > 0) {
    throw new UsageError(`--address: all nodes or none; there is none of ${missing.join(', ')}`);
  }
  return places;
}

function assertName(option: string, name: string): void {
  if (NAME.accepts(name)) return;
  throw new UsageError(`--${option}: expected ${NAME.expected}, got ${quoted(name)}`);
}

const quoted = (word: string): string => JSON.stringify(word.trim());

const isLoopback = (address: string): boolean =>
  address === 'localhost' || isLoopbackAddress(address);

function warningsFor(nodes: readonly PlannedNode[]): readonly string[] {
  const warnings: string[] = [];
  if (nodes.length < NATS_SERVERS) {
    const [first] = nodes;
    warnings.push(
      `NATS runs beside ${first?.name ?? ''} alone, and without it the nodes do not reach each other: ` +
        'from three nodes on, one of its servers may fail',
    );
  }
  if (new Set(nodes.map(({ address }) => address)).size < Math.min(nodes.length, NATS_SERVERS)) {
    warnings.push('Nodes share a machine: for trying it out, not against the loss of a machine');
  }
  return warnings;
}
