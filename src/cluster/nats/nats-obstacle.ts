import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import {
  AuthorizationError,
  errors,
  type NatsConnection,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node';
import { gte } from 'semver';
import { messageOf } from '../../common/index.js';
import type { NodeConnection } from './connection-options.js';
import type { NatsGreeting } from './nats-greeting.js';
import { StartObstacle } from './start-obstacle.js';

const OLDEST_SERVER = '2.9.0';
const JETSTREAM_HINT =
  'add "jetstream { store_dir: /var/lib/nats }" to its configuration (Debian\'s own has none)';

/** Numbers of JetStream's errors that the client library has no names for. */
const NO_ROOM = new Set([10023, 10028, 10047]);
const NOT_ENOUGH_SERVERS = new Set([10005, 10074]);
const NOT_YET = new Set([10008, 10009]);

/** What is wrong with a server by what it says of itself; null when nothing is. */
export function obstacleInGreeting(
  greeting: NatsGreeting,
  { options }: NodeConnection,
): string | null {
  const hasTls = greeting.tls_required === true || greeting.tls_available === true;
  const wantsTls = options.tls !== null;
  if (!gte(greeting.version, OLDEST_SERVER)) {
    return `it is nats-server ${greeting.version}, and 2.9 or newer is needed`;
  }
  if (greeting.tls_required === true && !wantsTls) {
    return 'it speaks TLS only: write tls:// in dispatcher.cluster.servers';
  }
  if (wantsTls && !hasTls) {
    return 'it has no TLS: give it a certificate, or write nats:// in dispatcher.cluster.servers';
  }
  if (greeting.tls_verify === true && options.tls?.cert === undefined) {
    return 'it wants a certificate of this node: name it with dispatcher.cluster.tls-certificate and tls-keyfile';
  }
  return null;
}

/** Why a server that says what it should did not take this node. */
export function obstacleInConnecting(
  server: string,
  error: unknown,
  { publicKey }: NodeConnection,
): StartObstacle {
  const fail = (what: string, mayPass = false): StartObstacle =>
    new StartObstacle(`NATS at ${server}: ${what}`, mayPass, { cause: error });
  if (error instanceof AuthorizationError) {
    if (publicKey === null) {
      return fail('it wants a key: name one with dispatcher.cluster.credentials');
    }
    const { message } = error;
    return fail(
      `it refuses the key of this node (${message}): have ${publicKey} in its configuration`,
    );
  }
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const what = `its certificate is for another name (${messageOf(error)})`;
    return fail(`${what}: write that name in dispatcher.cluster.servers`);
  }
  if (/CERT|ISSUER|SIGNATURE/.test(code)) {
    const what = `its certificate is not trusted (${messageOf(error)})`;
    return fail(`${what}: name its authority with dispatcher.cluster.tls-ca`);
  }
  return fail(messageOf(error), true);
}

/**
 * Why JetStream did not do what a node needs. Whoever opens streams and buckets at the start passes
 * on what they threw.
 */
export function obstacleInJetStream(connection: NatsConnection, error: unknown): unknown {
  const fail = (what: string, mayPass: boolean): StartObstacle =>
    new StartObstacle(`NATS at ${connection.getServer()}: ${what}`, mayPass, { cause: error });
  if (isOff(error)) {
    return fail(`JetStream is off there: ${JETSTREAM_HINT}`, false);
  }
  if (error instanceof JetStreamApiError) {
    const { message, code } = error;
    if (NO_ROOM.has(code)) {
      return fail(`JetStream has no room (${message}): raise max_file_store, or free some`, false);
    }
    if (NOT_ENOUGH_SERVERS.has(code)) {
      const what = `it has not as many servers with JetStream as dispatcher.cluster.replicas wants`;
      return fail(`${what} (${message})`, true);
    }
    return NOT_YET.has(code) ? fail(`JetStream is not ready (${message})`, true) : error;
  }
  if (isForbidden(error)) {
    const what = `the key of this node lacks a right (${messageOf(error)})`;
    return fail(`${what}: "dispatcherctl cluster init" writes the rights that it needs`, false);
  }
  if (error instanceof TimeoutError || error instanceof NoRespondersError) {
    return fail('JetStream does not answer: its servers may have no majority', true);
  }
  return error;
}

/** The library does not export the class of the first. */
function isOff(error: unknown): boolean {
  if (error instanceof JetStreamApiError) {
    return error.code === JetStreamApiCodes.JetStreamNotEnabledForAccount;
  }
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}

function isForbidden(error: unknown): boolean {
  if (error instanceof PermissionViolationError) return true;
  return error instanceof RequestError && error.cause instanceof errors.PermissionViolationError;
}
