import { setTimeout as delay } from 'node:timers/promises';
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLUSTER_PORTS, type ClusterPorts, FailureFeed, SharedTokens } from '../cluster/index.js';
import { messageOf } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { DocumentStore } from '../datastore/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import type { Logger } from '../sdk/index.js';
import { HOST_PROCESS, type HostProcess } from '../system/index.js';
import { AccountDirectory } from './account-directory.js';
import { ApiKeys } from './api-keys.js';
import { Authenticator, AUTHENTICATOR_PORTS, type AuthenticatorPorts } from './authenticator.js';
import { LocalLogin } from './local-login.js';
import { PasswdUsers } from './local-users.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordHasher } from './password-hasher.js';
import { Principals } from './principals.js';
import { RoleIndex } from './role-index.js';
import { SessionLog } from './session-log.js';
import { KernelSocketTable } from './socket-table.js';
import { TokenGuesses } from './token-guesses.js';
import { TokenStore } from './token.store.js';

type TokenParts = [DispatcherConfiguration, Principals, SharedTokens, DocumentStore];
type SessionLogParts = [DocumentStore, Logger, ClusterPorts];
type ApiKeysParts = [DocumentStore, AccountDirectory, Principals, Logger];

/** Users, roles, passwords, tokens and sessions: who may log in, and as what. */
@Module({
  imports: [DatastoreModule],
  providers: [
    Authenticator,
    PasswordHasher,
    Principals,
    RoleIndex,
    {
      provide: AccountDirectory,
      useFactory: (store: DocumentStore, roles: RoleIndex, logger: Logger) =>
        AccountDirectory.open({ store, roles, logger }),
      inject: [DocumentStore, RoleIndex, SERVER_LOGGER],
    },
    {
      provide: ApiKeys,
      useFactory: (...[store, directory, principals, logger]: ApiKeysParts) =>
        ApiKeys.open({ store, directory, principals, logger }),
      inject: [DocumentStore, AccountDirectory, Principals, SERVER_LOGGER],
    },
    {
      provide: SessionLog,
      useFactory: (...[store, logger, ports]: SessionLogParts) => {
        const { sessionIds: ids, directory, leadership } = ports;
        const { node } = ports.identity;
        const nodes = node === null ? null : { node, directory, leadership };
        return SessionLog.open({ store, logger, now: () => new Date(), ids, nodes });
      },
      inject: [DocumentStore, SERVER_LOGGER, CLUSTER_PORTS],
    },
    {
      provide: TokenStore,
      useFactory: (...[{ dispatcher }, principals, tokens, store]: TokenParts) =>
        new TokenStore({
          nowMs: () => performance.now(),
          lifetimeMs: dispatcher.tokenLifetime * 1_000,
          refresh: (principal) => principals.refresh(principal),
          shared: {
            tokens,
            principalOf: (token) => principals.ofToken(token),
            whenUsersKnown: () => store.whenCurrent(),
          },
        }),
      inject: [CONFIGURATION, Principals, SharedTokens, DocumentStore],
    },
    {
      provide: LocalLogin,
      useFactory: ({ uid }: HostProcess) =>
        new LocalLogin({
          sockets: new KernelSocketTable(),
          users: new PasswdUsers(),
          ownUid: uid,
        }),
      inject: [HOST_PROCESS],
    },
    {
      provide: LoginThrottle,
      useFactory: ({ dispatcher: { limits } }: DispatcherConfiguration, feed: FailureFeed) =>
        new LoginThrottle(() => performance.now(), limits.failedLoginsPerMinute, feed),
      inject: [CONFIGURATION, FailureFeed],
    },
    {
      provide: TokenGuesses,
      useFactory: ({ dispatcher: { limits } }: DispatcherConfiguration, feed: FailureFeed) =>
        new TokenGuesses(() => performance.now(), limits.failedLoginsPerMinute, feed),
      inject: [CONFIGURATION, FailureFeed],
    },
    {
      provide: AUTHENTICATOR_PORTS,
      useFactory: (logger: Logger, store: DocumentStore): AuthenticatorPorts => ({
        delay: (delayMs, signal) => delay(delayMs, undefined, { signal, ref: false }),
        onRehashFailed: (error) =>
          logger.warn(`A password could not be hashed anew: ${messageOf(error)}`),
        whenUsersKnown: () => store.whenCurrent(),
      }),
      inject: [SERVER_LOGGER, DocumentStore],
    },
  ],
  exports: [
    AccountDirectory,
    ApiKeys,
    Authenticator,
    PasswordHasher,
    Principals,
    RoleIndex,
    SessionLog,
    TokenGuesses,
    TokenStore,
  ],
})
export class AuthModule implements OnApplicationShutdown {
  constructor(
    private readonly directory: AccountDirectory,
    private readonly keys: ApiKeys,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.directory.close();
    await this.keys.close();
  }
}
