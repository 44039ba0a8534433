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
        logger.warn(`Waiting up to ${patienceMs / 1_000} s for NATS: ${told}`);
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

/**
 * Each server is tried by itself before: the library tries what it is told of by those that refuse it,
 * and so on without an end.
 */
async function connected(node: NodeConnection): Promise<NatsConnection> {
  const tried = node.options.servers.map((server) => tryServer(server, node));
  try {
    await Promise.any(tried);
  } catch (error) {
    throw error instanceof AggregateError ? together(error.errors as readonly unknown[]) : error;
  }
  return connect(node.options);
}

/** What is wrong with all of them; what is no obstacle comes first. */
function together(errors: readonly unknown[]): unknown {
  const obstacles = errors.filter((error) => error instanceof StartObstacle);
  return (
    errors.find((error) => !(error instanceof StartObstacle)) ??
    new StartObstacle(
      obstacles.map(({ message }) => message).join('; '),
      obstacles.some(({ mayPass }) => mayPass),
    )
  );
}

/** @throws (rejects with) StartObstacle */
async function tryServer(server: string, node: NodeConnection): Promise<void> {
  const wrong = obstacleInGreeting(await greetingOf(server, GREETING_TIMEOUT_MS), node);
  if (wrong !== null) throw new StartObstacle(`NATS at ${server}: ${wrong}`, false);
  const alone = { ...node.options, servers: [server], ignoreClusterUpdates: true };
  let connection: NatsConnection;
  try {
    connection = await connect(alone);
  } catch (error) {
    throw obstacleInConnecting(server, error, node);
  }
  await connection.close();
}

/** As many as survive the end of one server, where there are enough of them. */
function defaultReplicas({ servers }: NatsSettings, { info }: NatsConnection): number {
  const known = Math.max(servers.length, info?.connect_urls?.length ?? 0);
  return known >= SERVERS_FOR_REPLICAS ? SERVERS_FOR_REPLICAS : 1;
}
