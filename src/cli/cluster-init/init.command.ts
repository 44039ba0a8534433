import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { SecretBox } from '../../datastore/index.js';
import { readSecretFile } from '../../system/index.js';
import type { Invocation } from '../command.js';
import { UsageError } from '../exit-status.js';
import { type Authority, makeAuthority } from './certificates.js';
import { type ClusterPlan, planCluster, type PlannedNode } from './cluster-plan.js';
import { hostPort, natsConf } from './nats-conf.js';
import { type NewFile, writeFolder } from './write-folder.js';

const SECRET = 0o600;
const PUBLIC = 0o644;
const DEFAULT_NAME = 'dispatcher';
const DEFAULT_DSN = 'mongodb://127.0.0.1:27017/dispatcher';
const DEFAULT_PORTS = { clients: 5_000, console: 8_180 };
const ROUTE_PASSWORD_BYTES = 24;

interface Ground {
  readonly plan: ClusterPlan;
  readonly dsn: string;
  /** Where the folder of a node is on its machine. */
  readonly placeOf: (node: PlannedNode) => string;
  /** The key that seals stored passwords, as its file has it. */
  readonly key: string;
}

/**
 * Writes a folder for each node of a cluster, with all that its machine needs.
 *
 * @throws UsageError for names, addresses and a data source that do not fit; Error when the folder is
 *   there, in which case nothing was written
 */
export async function initCluster({ operands, options, io }: Invocation): Promise<undefined> {
  const folder = resolve(operands[0] ?? '');
  if (!options.has('nodes')) throw new UsageError('--nodes is missing: --nodes n1,n2,n3');
  const plan = planCluster({
    name: options.text('name') ?? DEFAULT_NAME,
    nodes: options.text('nodes') ?? '',
    addresses: options.all('address'),
    wantsTls: options.has('tls'),
  });
  const at = options.text('at');
  const { size } = new Set(plan.nodes.map(({ address }) => address));
  if (at !== null && size < plan.nodes.length) {
    throw new UsageError('--at: one folder is for one node of a machine: give each its --address');
  }
  const ground: Ground = {
    plan,
    dsn: checkedDsn(options.text('dsn') ?? DEFAULT_DSN),
    placeOf: ({ name }) => (at === null ? join(folder, name) : resolve(at)),
    key: keyFor(options.text('key')),
  };
  if (await isThere(folder)) throw new Error(`${folder} is there already: nothing was written`);
  await writeFolder(folder, filesOf(ground));
  for (const warning of plan.warnings) io.notices.write(`dispatcherctl: ${warning}\n`);
  io.output.write(`${nextSteps(folder, ground).join('\n')}\n`);
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** @throws UsageError */
function checkedDsn(dsn: string): string {
  if (!/^mongodb(\+srv)?:\/\/[^/]/.test(dsn)) {
    throw new UsageError(`--dsn: an address such as "${DEFAULT_DSN}"`);
  }
  if (/^[^/]*\/\/[^/@]*:[^/@]*@/.test(dsn)) {
    throw new UsageError(
      '--dsn: others would read its password in the list of processes: write it into the files afterwards',
    );
  }
  return dsn;
}

/** @throws Error naming the file */
function keyFor(file: string | null): string {
  if (file === null) return SecretBox.newKey();
  SecretBox.openShared(file); // says what is wrong with it
  return readSecretFile(file);
}

function filesOf(ground: Ground): readonly NewFile[] {
  const { plan, placeOf, key } = ground;
  const pairs = new Map(plan.nodes.map(({ name }) => [name, createUser()]));
  const keys = new Map([...pairs].map(([name, pair]) => [name, pair.getPublicKey()]));
  const routePassword = randomBytes(ROUTE_PASSWORD_BYTES).toString('base64url');
  const authority = plan.hasTls ? makeAuthority(plan.name, new Date()) : null;
  const files: NewFile[] = [];
  const add = (path: string, content: string | Uint8Array, mode: number): void => {
    files.push({ path, content, mode });
  };
  for (const node of plan.nodes) {
    const { name, hasNats } = node;
    const seed = pairs.get(name)?.getSeed() ?? '';
    add(`${name}/middleware.conf`, middlewareConf(node, ground), SECRET); // a password may follow
    add(`${name}/node.nk`, Buffer.concat([Buffer.from(seed), Buffer.from('\n')]), SECRET);
    add(`${name}/cluster.key`, key, SECRET);
    if (authority !== null) add(`${name}/ca.pem`, authority.certificate, PUBLIC);
    if (!hasNats) continue;
    const folder = placeOf(node);
    add(`${name}/nats.conf`, natsConf({ plan, node, folder, keys, routePassword }), SECRET);
    if (authority !== null) addCertificate(node, authority, add);
  }
  if (authority !== null) {
    add('authority/ca.pem', authority.certificate, PUBLIC);
    add('authority/ca.key', authority.key, SECRET);
  }
  return files;
}

function addCertificate(
  { name, address }: PlannedNode,
  authority: Authority,
  add: (path: string, content: string, mode: number) => void,
): void {
  const { certificate, key } = authority.issue(name, address);
  add(`${name}/nats.pem`, certificate, PUBLIC);
  add(`${name}/nats.key`, key, SECRET);
}

function middlewareConf(node: PlannedNode, { plan, dsn }: Ground): string {
  const scheme = plan.hasTls ? 'tls' : 'nats';
  const servers = plan.nodes.filter(({ hasNats }) => hasNats);
  const { clients, console } = node.ports;
  const configuration = {
    datastore: { driver: 'mongodb', dsn },
    dispatcher: {
      ...(clients !== DEFAULT_PORTS.clients && { 'websocket-port': clients }),
      ...(console !== DEFAULT_PORTS.console && { 'frontend-port': console }),
      cluster: {
        name: plan.name,
        node: node.name,
        servers: servers.map((server) => `${scheme}://${hostPort(server, 'nats')}`),
        credentials: 'node.nk',
        key: 'cluster.key',
        ...(plan.hasTls && { 'tls-ca': 'ca.pem' }),
      },
    },
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

function nextSteps(folder: string, { plan, dsn, placeOf }: Ground): readonly string[] {
  const { nodes } = plan;
  const isShared = new Set(nodes.map(({ address }) => address)).size < nodes.length;
  return [
    `Made ${folder} for the cluster ${plan.name}: ${nodes.map(({ name }) => name).join(', ')}`,
    '',
    `The store is ${dsn}: if that is not so, write datastore.dsn in each middleware.conf.`,
    ...(plan.hasTls
      ? ['Keep authority/ where nobody else reads it: its key makes certificates for NATS.']
      : []),
    'Each node needs its own folder and nothing of the others. Start NATS on all machines, then the nodes:',
    ...nodes.flatMap((node) => {
      const place = placeOf(node);
      const made = join(folder, node.name);
      const state = isShared ? `STATE_DIRECTORY=${join(place, 'state')} ` : '';
      return [
        '',
        `${node.name}, at ${node.address}:`,
        ...(place === made ? [] : [`  copy ${made} there, as ${place}`]),
        ...(node.hasNats ? [`  nats-server -c ${join(place, 'nats.conf')}`] : []),
        `  ${state}dispatcher -c ${join(place, 'middleware.conf')}`,
      ];
    }),
  ];
}
