import type { ClusterConfiguration } from '../../config/index.js';
import type { Logger } from '../../sdk/index.js';
import { ClusterIdentity } from '../cluster-identity.js';
import type { ClusterPorts } from '../cluster-ports.js';
import type { JournalLimits } from '../event-fanout.js';
import { BlockSessionIds } from './block-session-ids.js';
import { openNatsLink } from './connect.js';
import { NatsEventFanout } from './nats-event-fanout.js';
import { NatsFailureFeed } from './nats-failure-feed.js';
import { NatsFigures } from './nats-figures.js';
import { NatsLeadership } from './nats-leadership.js';
import { obstacleInJetStream } from './nats-obstacle.js';
import { NatsNodeCalls } from './nats-node-calls.js';
import { NatsNodeDirectory } from './nats-node-directory.js';
import { NatsRowFeed } from './nats-row-feed.js';
import { NatsSharedTokens } from './nats-shared-tokens.js';
import type { Sealer } from './sealer.js';

const MS_PER_SECOND = 1_000;

export interface NatsPortsOptions {
  /** Of this start of the server: letters and digits. */
  readonly boot: string;
  readonly version: string;
  readonly logger: Logger;
  /** Keeps passwords in what travels between nodes. */
  readonly sealer: Sealer;
  readonly journal: JournalLimits;
  /** How long a login token lives that nobody uses. */
  readonly tokenLifetimeMs: number;
  /** Ends the waiting for NATS. */
  readonly signal?: AbortSignal;
  /** Called when another node that lives has this one's name. */
  readonly onTaken: (reason: string) => void;
}

class Member extends ClusterIdentity {
  constructor(
    readonly node: string,
    readonly cluster: string,
  ) {
    super();
  }
}

/**
 * Makes a server one of the nodes of its cluster: it is known to the others as `joining`.
 *
 * @throws (rejects with) StartObstacle what stands in the way of NATS; RpcException EBUSY when another
 *   node has its name
 */
export async function openNatsPorts(
  settings: ClusterConfiguration,
  options: NatsPortsOptions,
): Promise<ClusterPorts> {
  const { node, name, leaseMs, scheduler: isScheduler, events: limits } = settings;
  const { journal, onTaken, sealer, version } = options;
  const link = await openNatsLink(settings, options);
  const closing: (() => unknown)[] = [() => link.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0)) await step();
  };
  try {
    const directory = await NatsNodeDirectory.join(link, {
      leaseMs,
      version,
      isScheduler,
      onTaken,
    });
    closing.unshift(() => directory.close());
    const calls = new NatsNodeCalls(link, directory, { sealer });
    closing.unshift(() => calls.close());
    const rows = new NatsRowFeed({ directory, calls, leaseMs });
    closing.unshift(() => rows.close());
    const tokens = new NatsSharedTokens(link, { lifetimeMs: options.tokenLifetimeMs });
    closing.unshift(() => tokens.close());
    const failures = new NatsFailureFeed(link);
    closing.unshift(() => failures.close());
    const leadership = NatsLeadership.open(link, { leaseMs });
    closing.unshift(() => leadership.close());
    const events = await NatsEventFanout.open(link, {
      journal,
      stream: { maxBytes: limits.maxBytes, maxAgeMs: limits.maxAge * MS_PER_SECOND },
      bufferBytes: limits.buffer,
      islandAfterMs: limits.islandAfterMs,
      mayRenewEpoch: () => leadership.isCurrent(),
    });
    closing.unshift(() => events.close());
    return {
      identity: new Member(node, name),
      ...{ directory, leadership, calls, events, rows, tokens, failures },
      sessionIds: new BlockSessionIds(link.logger),
      figures: new NatsFigures({ link, leadership, calls, events }),
      close,
    };
  } catch (error) {
    await close();
    throw obstacleInJetStream(link.connection, error);
  }
}
