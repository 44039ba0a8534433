import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions as SecureOptions } from 'node:tls';
import {
  type ConnectionOptions,
  nkeyAuthenticator,
  nkeys,
  type TlsOptions,
} from '@nats-io/transport-node';
import { messageOf } from '../../common/index.js';
import type { ClusterConfiguration } from '../../config/index.js';
import { readSecretFile } from '../../system/index.js';
import { hostOf } from './nats-address.js';
import { StartObstacle } from './start-obstacle.js';

const CONNECT_TIMEOUT_MS = 3_000;
/** A connection that says nothing is over after three of them; the lease outlasts that. */
const PING_INTERVAL_MS = 2_000;
const RECONNECT_WAIT_MS = 250;
const RECONNECT_JITTER_MS = 500;

/** What a node needs to know to reach NATS. */
export type NatsSettings = Pick<
  ClusterConfiguration,
  | 'node'
  | 'name'
  | 'servers'
  | 'credentials'
  | 'tlsCa'
  | 'tlsCertificate'
  | 'tlsKeyfile'
  | 'replicas'
>;

/** How a node connects, and goes on trying for ever once it was connected. */
export interface NodeConnection {
  readonly options: ConnectionOptions & { readonly servers: string[] };
  /** By which NATS knows the node; null when it has no key. */
  readonly publicKey: string | null;
}

/** @throws StartObstacle naming the file that cannot be used */
export function connectionOf(settings: NatsSettings): NodeConnection {
  const { name, node, servers, credentials } = settings;
  const seed = credentials === null ? null : readSeed(credentials);
  return {
    publicKey: seed?.publicKey ?? null,
    options: {
      servers: [...servers],
      name: `${name}/${node}`,
      inboxPrefix: `${name}.inbox.${node}`,
      timeout: CONNECT_TIMEOUT_MS,
      pingInterval: PING_INTERVAL_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      reconnectJitter: RECONNECT_JITTER_MS,
      reconnectJitterTLS: RECONNECT_JITTER_MS,
      ignoreAuthErrorAbort: true, // whoever mends the keys of NATS need not restart its nodes
      noAsyncTraces: true, // they cost a stack for each request
      tls: servers.some((server) => server.startsWith('tls:')) ? readTls(settings) : null,
      ...(seed !== null && { authenticator: nkeyAuthenticator(seed.bytes) }),
    },
  };
}

function readSeed(file: string): { readonly bytes: Uint8Array; readonly publicKey: string } {
  const bytes = Buffer.from(told('credentials', () => readSecretFile(file)).trim());
  try {
    const publicKey = nkeys.fromSeed(bytes).getPublicKey();
    if (publicKey.startsWith('U')) return { bytes, publicKey };
  } catch {
    // said below
  }
  const what = `${file} holds no NKEY seed of a user, which begins with SU`;
  throw new StartObstacle(`dispatcher.cluster.credentials: ${what}`, false);
}

function readTls({ servers, tlsCa, tlsCertificate, tlsKeyfile }: NatsSettings): TlsOptions {
  return {
    ...identityOf(servers),
    ...(tlsCa !== null && { ca: readCertificate('tls-ca', tlsCa) }),
    ...(tlsCertificate !== null && { cert: readCertificate('tls-certificate', tlsCertificate) }),
    ...(tlsKeyfile !== null && {
      key: told('tls-keyfile', () => readFileSync(tlsKeyfile, 'utf8')),
    }),
  };
}

/**
 * Whether a certificate is for one of the servers. The library hands all of this on to Node.js, and of a
 * server that is named by its address forgets the address: it would have to be called localhost.
 */
function identityOf(servers: readonly string[]): Pick<SecureOptions, 'checkServerIdentity'> {
  return {
    checkServerIdentity: (_, certificate) => {
      const failures = servers.map((server) => checkServerIdentity(hostOf(server), certificate));
      return failures.includes(undefined) ? undefined : failures[0];
    },
  };
}

/** TLS takes a file without a certificate for none, and then trusts nobody without saying why. */
function readCertificate(key: string, file: string): string {
  const text = told(key, () => readFileSync(file, 'utf8'));
  try {
    new X509Certificate(text);
    return text;
  } catch (cause) {
    const what = `dispatcher.cluster.${key}: ${file} holds no certificate in PEM`;
    throw new StartObstacle(what, false, { cause });
  }
}

function told<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new StartObstacle(`dispatcher.cluster.${key}: ${messageOf(cause)}`, false, { cause });
  }
}
