import { join } from 'node:path';
import { permissionsOf } from '../../cluster/nats/node-permissions.js';
import type { ClusterPlan, PlannedNode } from './cluster-plan.js';

/** Events, of which dispatcher.cluster.events.max-bytes are kept, and a few small buckets. */
const STORE = '1GB';
const TLS_SECONDS = 5;

export interface NatsConfRequest {
  readonly plan: ClusterPlan;
  readonly node: PlannedNode;
  /** Where the folder of the node is on its machine: NATS takes relative paths from wherever it is started. */
  readonly folder: string;
  /** Public keys by the names of the nodes. */
  readonly keys: ReadonlyMap<string, string>;
  /** What the servers tell each other to be let in. */
  readonly routePassword: string;
}

/** The address of a NATS server, as nodes and the other servers write it. */
export function hostPort(node: PlannedNode, port: keyof PlannedNode['ports']): string {
  const host = node.address.includes(':') ? `[${node.address}]` : node.address;
  return `${host}:${node.ports[port]}`;
}

/** The configuration of the NATS server beside a node. */
export function natsConf({ plan, node, folder, keys, routePassword }: NatsConfRequest): string {
  const others = plan.nodes.filter(({ name, hasNats }) => hasNats && name !== node.name);
  const tls = (more: string): readonly string[] =>
    plan.hasTls
      ? [
          `tls { cert_file: ${text(join(folder, 'nats.pem'))}, key_file: ${text(join(folder, 'nats.key'))}, timeout: ${TLS_SECONDS}${more} }`,
        ]
      : [];
  const authority = `, ca_file: ${text(join(folder, 'ca.pem'))}, verify: true`;
  const route = `nats-route://route:${routePassword}@`;
  const cluster =
    others.length === 0
      ? []
      : [
          'cluster {',
          `  name: ${text(plan.name)}`,
          `  listen: ${text(hostPort(node, 'routes'))}`,
          `  authorization { user: "route", password: ${text(routePassword)}, timeout: ${TLS_SECONDS} }`,
          ...tls(authority).map((line) => `  ${line}`),
          '  routes: [',
          ...others.map((other) => `    ${text(`${route}${hostPort(other, 'routes')}`)}`),
          '  ]',
          '}',
        ];
  const users = plan.nodes.map(({ name }) => {
    const { publish, subscribe } = permissionsOf(plan.name, name);
    return `      { nkey: ${keys.get(name) ?? ''}, permissions: { publish: [${listed(publish)}], subscribe: [${listed(subscribe)}] } } # ${name}`;
  });
  return [
    `# NATS beside node ${node.name} of the cluster ${plan.name}. It holds a password: mode 0600.`,
    `server_name: ${text(node.name)}`,
    `listen: ${text(hostPort(node, 'nats'))}`,
    `client_advertise: ${text(hostPort(node, 'nats'))}`,
    `jetstream { store_dir: ${text(join(folder, 'nats-store'))}, max_file_store: ${STORE} }`,
    ...tls(''),
    ...cluster,
    'accounts {',
    `  ${text(plan.name)}: {`,
    '    jetstream: enabled',
    '    users: [',
    ...users,
    '    ]',
    '  }',
    '}',
    '',
  ].join('\n');
}

const listed = (subjects: readonly string[]): string => subjects.map(text).join(', ');

/** A text as the configuration of NATS has it. */
const text = (value: string): string => JSON.stringify(value);
