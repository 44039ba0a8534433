import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { NatsLink } from '../../src/cluster/nats/index.js';
import { type LogFields, Logger } from '../../src/sdk/index.js';

/** Keeps what is logged. */
export class KeptLog extends Logger {
  readonly lines: string[] = [];

  trace(message: string): void {
    this.lines.push(message);
  }
  debug(message: string): void {
    this.lines.push(message);
  }
  info(message: string): void {
    this.lines.push(message);
  }
  warn(message: string, fields?: LogFields): void {
    this.lines.push(fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
  }
  error(message: string): void {
    this.lines.push(message);
  }
}

export interface TestLinkOptions {
  readonly node: string;
  readonly cluster?: string;
  readonly boot?: string;
  readonly replicas?: number;
}

/** A node's connection to a NATS server of a test, which comes back as soon as the server does. */
export async function linkTo(url: string, options: TestLinkOptions): Promise<NatsLink> {
  const { node, cluster = 'test', boot = randomBytes(8).toString('hex'), replicas = 1 } = options;
  const connection = await connect({
    servers: url,
    name: node,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  const manager = await jetstreamManager(connection);
  const logger = new KeptLog();
  return new NatsLink({ connection, manager, cluster, node, boot, replicas, logger });
}
