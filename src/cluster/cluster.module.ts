import { type DynamicModule, Module } from '@nestjs/common';
import { ClusterIdentity } from './cluster-identity.js';
import { CLUSTER_PORTS, ClusterFigures, type ClusterPorts } from './cluster-ports.js';
import { EventFanout } from './event-fanout.js';
import { FailureFeed } from './failure-feed.js';
import { Leadership } from './leadership.js';
import { Membership } from './membership.js';
import { NodeCalls } from './node-calls.js';
import { NodeDirectory } from './node-directory.js';
import { RowFeed } from './row-feed.js';
import { SessionIds } from './session-ids.js';
import { SharedTokens } from './shared-tokens.js';

/** Each port by its class, for all rooms. */
@Module({})
export class ClusterModule {
  static forRoot(ports: ClusterPorts): DynamicModule {
    const providers = [
      // factories, because Nest calls the life-cycle hooks of whatever object it is given
      { provide: CLUSTER_PORTS, useFactory: () => ports },
      { provide: ClusterIdentity, useFactory: () => ports.identity },
      { provide: NodeDirectory, useFactory: () => ports.directory },
      { provide: Leadership, useFactory: () => ports.leadership },
      { provide: NodeCalls, useFactory: () => ports.calls },
      { provide: RowFeed, useFactory: () => ports.rows },
      { provide: SharedTokens, useFactory: () => ports.tokens },
      { provide: FailureFeed, useFactory: () => ports.failures },
      { provide: SessionIds, useFactory: () => ports.sessionIds },
      { provide: ClusterFigures, useFactory: () => ports.figures },
      { provide: EventFanout, useFactory: () => ports.events },
    ];
    const tokens = providers.map(({ provide }) => provide);
    return {
      module: ClusterModule,
      global: true,
      providers: [...providers, Membership],
      exports: [...tokens, Membership],
    };
  }
}
