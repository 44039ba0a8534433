import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import {
  AccountDirectory,
  Authenticator,
  PasswordHasher,
  Principals,
  SessionLog,
  TokenStore,
} from '../auth/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { GatewayModule } from './gateway.module.js';
import { DispatcherGateway, LivePrincipals } from '../gateway/index.js';
import { Datastore } from '../sdk/index.js';
import { AccountService, RoleService, SessionService } from '../services/index.js';

/** The services over users, roles and sessions, and what brings their changes to open connections. */
@Module({
  imports: [AuthModule, DatastoreModule, GatewayModule],
  providers: [
    {
      provide: LivePrincipals,
      useFactory: (
        directory: AccountDirectory,
        principals: Principals,
        tokens: TokenStore,
        gateway: DispatcherGateway,
      ) =>
        new LivePrincipals({
          directory,
          principals,
          tokens,
          connections: () => gateway.connections,
        }),
      inject: [AccountDirectory, Principals, TokenStore, DispatcherGateway],
    },
    {
      provide: AccountService,
      useFactory: (
        store: Datastore,
        hasher: PasswordHasher,
        authenticator: Authenticator,
        live: LivePrincipals,
      ) => new AccountService({ store, hasher, authenticator, live }),
      inject: [Datastore, PasswordHasher, Authenticator, LivePrincipals],
    },
    {
      provide: RoleService,
      useFactory: (store: Datastore) => new RoleService(store),
      inject: [Datastore],
    },
    {
      provide: SessionService,
      useFactory: (store: Datastore, sessions: SessionLog, gateway: DispatcherGateway) =>
        new SessionService({ store, sessions, gateway }),
      inject: [Datastore, SessionLog, DispatcherGateway],
    },
  ],
  exports: [AccountService, RoleService, SessionService],
})
export class AccountModule {}
