import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ApiKeys, TokenStore } from '../auth/index.js';
import { networkList } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { DocumentStore } from '../datastore/index.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { PluginHost } from '../plugin-host/index.js';
import { PluginHostModule } from '../plugin-host/plugin-host.module.js';
import { ServerState } from '../system/index.js';
import { ACCESS_POLICY, type AccessPolicy } from './access-guard.js';
import { DebugController } from './debug.controller.js';
import { DocumentsModule } from './documents.module.js';
import { Health } from './health.js';

/** What the HTTP server of debug mode answers. */
@Module({
  imports: [AuthModule, DatastoreModule, DocumentsModule, MetricsModule, PluginHostModule],
  controllers: [DebugController],
  providers: [
    {
      provide: ACCESS_POLICY,
      useFactory: (
        tokens: TokenStore,
        keys: ApiKeys,
        { dispatcher }: DispatcherConfiguration,
      ): AccessPolicy => ({
        trustedProxies: networkList(dispatcher.trustedProxies),
        isReaderToken: (token) =>
          (tokens.principalOf(token) ?? keys.principalOf(token))?.rights.isReader === true,
      }),
      inject: [TokenStore, ApiKeys, CONFIGURATION],
    },
    {
      provide: Health,
      useFactory: (server: ServerState, plugins: PluginHost, store: DocumentStore) =>
        new Health({
          phase: () => server.phase,
          addresses: () => server.addresses,
          plugins: () => plugins.list(),
          pingStore: () => store.ping(),
          writeFailure: async () => {
            await store.retryWrites(); // whoever asks may be the only one who comes by
            return store.writeFailure;
          },
        }),
      inject: [ServerState, PluginHost, DocumentStore],
    },
  ],
})
export class DebugModule {}
