import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../../sdk/index.js';
import { connectionOf, type NatsSettings, type NodeConnection } from './connection-options.js';
import { greetingOf } from './nats-greeting.js';
import { NatsLink } from './nats-link.js';
import { obstacleInConnecting, obstacleInGreeting, obstacleInJetStream } from './nats-obstacle.js';
import { StartObstacle } from './start-obstacle.js';

/** NATS servers that start with the machine need as long until they agree on who leads. */
const PATIENCE_MS = 20_000;
const RETRY_MS = 500;
const GREETING_TIMEOUT_MS = 3_000;
const SERVERS_FOR_REPLICAS = 3;

export interface LinkOptions {
  /** Of this start of the server: letters and digits. */
  readonly boot: string;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** How long is waited for what may come by itself. */
  readonly patienceMs?: number;
}

/**
 * Connects a node to NATS. Who listens nowhere, or has no leader yet, is waited for, which is told;
 * what does not pass by itself ends the start at once.
 *
 * @throws (rejects with) StartObstacle naming server, reason and way out; the signal's reason
 */
export async function openNatsLink(
  settings: NatsSettings,
  options: LinkOptions,
): Promise<NatsLink> {
  const { logger, signal, patienceMs = PATIENCE_MS } = options;
  const connection = connectionOf(settings);
  const deadline = performance.now() + patienceMs;
  let told = '';
  for (;;) {
    try {
      return await link(settings, connection, options);
    } catch (error) {
      const mayPass = error instanceof StartObstacle && error.mayPass;
      if (!mayPass || performance.now() >= deadline) throw error;
      if (error.message !== told) {
        told = error.message;
        logger.warn(`${told}. Waiting up to ${patienceMs / 1_000} s`);
      }
      await delay(RETRY_MS, undefined, { ...(signal && { signal }) });
    }
  }
}

async function link(
  settings: NatsSettings,
  node: NodeConnection,
  { boot, logger }: LinkOptions,
): Promise<NatsLink> {
  const connection = await connected(node);
  try {
    const older = connection.info === undefined ? null : obstacleInGreeting(connection.info, node);
    if (older !== null) {
      throw new StartObstacle(`NATS at ${connection.getServer()}: ${older}`, false);
    }
    const manager = await jetstreamManager(connection);
    return new NatsLink({
      connection,
      manager,
      cluster: settings.name,
      node: settings.node,
      boot,
      replicas: settings.replicas ?? defaultReplicas(settings, connection),
      logger,
    });
  } catch (error) {
    await connection.close();
    throw obstacleInJetStream(connection, error);
  }
}

async function connected(node: NodeConnection): Promise<NatsConnection> {
  try {
    return await connect(node.options);
  } catch (error) {
    throw (await whyNot(node)) ?? error;
  }
}

/** What is wrong with each server; null when meanwhile nothing is with one of them. */
async function whyNot(node: NodeConnection): Promise<StartObstacle | null> {
  const { servers } = node.options;
  const found = await Promise.all(servers.map((server) => obstacleAt(server, node)));
  const obstacles = found.filter((obstacle) => obstacle !== null);
  if (obstacles.length < servers.length) {
    return new StartObstacle(`NATS at ${servers.join(', ')}: it has just begun to answer`, true);
  }
  return new StartObstacle(
    obstacles.map(({ message }) => message).join('; '),
    obstacles.some(({ mayPass }) => mayPass),
  );
}

async function obstacleAt(server: string, node: NodeConnection): Promise<StartObstacle | null> {
  try {
    const wrong = obstacleInGreeting(await greetingOf(server, GREETING_TIMEOUT_MS), node);
    if (wrong !== null) return new StartObstacle(`NATS at ${server}: ${wrong}`, false);
  } catch (error) {
    if (error instanceof StartObstacle) return error;
    throw error;
  }
  try {
    const alone = { ...node.options, servers: [server], ignoreClusterUpdates: true };
    await (await connect(alone)).close();
    return null;
  } catch (error) {
    return obstacleInConnecting(server, error, node);
  }
}

/** As many as survive the end of one server, where there are enough of them. */
function defaultReplicas({ servers }: NatsSettings, { info }: NatsConnection): number {
  const known = Math.max(servers.length, info?.connect_urls?.length ?? 0);
  return known >= SERVERS_FOR_REPLICAS ? SERVERS_FOR_REPLICAS : 1;
}
