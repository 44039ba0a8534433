import { setTimeout as delay } from 'node:timers/promises';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import {
  AccountDirectory,
  Authenticator,
  KernelSocketTable,
  LocalLogin,
  LoginThrottle,
  PasswdUsers,
  PasswordHasher,
  Principals,
  RoleIndex,
  SessionLog,
  TokenStore,
} from '../auth/index.js';
import { messageOf } from '../common/index.js';
import type { DispatcherConfiguration } from '../config/index.js';
import type { DocumentStore } from '../datastore/index.js';
import { Datastore, type Logger } from '../sdk/index.js';
import { CONFIGURATION, HOST_PROCESS, type HostProcess, SERVER_LOGGER } from './tokens.js';

/** Users, roles, passwords, tokens and sessions: who may log in, and as what. */
@Global()
@Module({
  providers: [
    { provide: RoleIndex, useFactory: () => new RoleIndex() },
    { provide: PasswordHasher, useFactory: () => new PasswordHasher() },
    {
      provide: AccountDirectory,
      useFactory: (store: DocumentStore, roles: RoleIndex, logger: Logger) =>
        AccountDirectory.open({ store, roles, logger }),
      inject: [Datastore, RoleIndex, SERVER_LOGGER],
    },
    {
      provide: SessionLog,
      useFactory: (store: DocumentStore, logger: Logger) =>
        SessionLog.open({ store, logger, now: () => new Date() }),
      inject: [Datastore, SERVER_LOGGER],
    },
    {
      provide: Principals,
      useFactory: (directory: AccountDirectory, roles: RoleIndex) =>
        new Principals(directory, roles),
      inject: [AccountDirectory, RoleIndex],
    },
    {
      provide: TokenStore,
      useFactory: ({ dispatcher }: DispatcherConfiguration, principals: Principals) =>
        new TokenStore({
          nowMs: () => performance.now(),
          lifetimeMs: dispatcher.tokenLifetime * 1_000,
          refresh: (principal) => principals.refresh(principal),
        }),
      inject: [CONFIGURATION, Principals],
    },
    {
      provide: Authenticator,
      useFactory: (
        directory: AccountDirectory,
        principals: Principals,
        hasher: PasswordHasher,
        logger: Logger,
        { dispatcher }: DispatcherConfiguration,
        { uid }: HostProcess,
      ) =>
        new Authenticator({
          directory,
          principals,
          hasher,
          local: new LocalLogin({
            sockets: new KernelSocketTable(),
            users: new PasswdUsers(),
            ownUid: uid,
          }),
          throttle: new LoginThrottle(
            () => performance.now(),
            dispatcher.limits.failedLoginsPerMinute,
          ),
          delay: (delayMs, signal) => delay(delayMs, undefined, { signal, ref: false }),
          onRehashFailed: (error) =>
            logger.warn(`A password could not be hashed anew: ${messageOf(error)}`),
        }),
      inject: [
        AccountDirectory,
        Principals,
        PasswordHasher,
        SERVER_LOGGER,
        CONFIGURATION,
        HOST_PROCESS,
      ],
    },
  ],
  exports: [
    RoleIndex,
    PasswordHasher,
    AccountDirectory,
    SessionLog,
    Principals,
    TokenStore,
    Authenticator,
  ],
})
export class AuthModule implements OnApplicationShutdown {
  constructor(private readonly directory: AccountDirectory) {}

  onApplicationShutdown(): void {
    this.directory.close();
  }
}
