import { readFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { Authenticator, KernelSocketTable, PasswdUsers, TokenStore } from './auth/index.js';
import type { DispatcherConfiguration } from './config/index.js';
import { EventJournal, EventRouter } from './events/index.js';
import {
  AuthFrames,
  DispatcherGateway,
  EventFrames,
  FrameDispatcher,
  GATEWAY_DEPENDENCIES,
  type GatewayDependencies,
  type ListenerOptions,
  RpcFrames,
} from './gateway/index.js';
import { CallPipeline, FailureReporter } from './rpc/index.js';
import { CONFIGURATION, HOST_PROCESS, type HostProcess } from './tokens.js';

/** The WebSocket gateway with what its frames need: logins, calls, events. */
@Module({
  providers: [
    {
      provide: TokenStore,
      useFactory: ({ dispatcher }: DispatcherConfiguration) =>
        new TokenStore(() => performance.now(), dispatcher.tokenLifetime * 1_000),
      inject: [CONFIGURATION],
    },
    {
      provide: Authenticator,
      useFactory: ({ uid }: HostProcess) =>
        new Authenticator({
          sockets: new KernelSocketTable(),
          users: new PasswdUsers(),
          ownUid: uid,
        }),
      inject: [HOST_PROCESS],
    },
    {
      provide: EventFrames,
      useFactory: (events: EventRouter, journal: EventJournal) => new EventFrames(events, journal),
      inject: [EventRouter, EventJournal],
    },
    {
      provide: RpcFrames,
      useFactory: (
        pipeline: CallPipeline,
        failures: FailureReporter,
        { dispatcher }: DispatcherConfiguration,
      ) =>
        new RpcFrames(pipeline, failures, {
          callsInFlight: dispatcher.limits.callsInFlight,
          streamingBurst: dispatcher.limits.streamingBurst,
        }),
      inject: [CallPipeline, FailureReporter, CONFIGURATION],
    },
    {
      provide: AuthFrames,
      useFactory: (
        authenticator: Authenticator,
        tokens: TokenStore,
        events: EventRouter,
        { dispatcher }: DispatcherConfiguration,
      ) => {
        const tokenLifetimeSeconds = dispatcher.tokenLifetime;
        return new AuthFrames({ authenticator, tokens, events, tokenLifetimeSeconds });
      },
      inject: [Authenticator, TokenStore, EventRouter, CONFIGURATION],
    },
    {
      provide: GATEWAY_DEPENDENCIES,
      useFactory: (
        ...parts: [
          RpcFrames,
          AuthFrames,
          EventFrames,
          FailureReporter,
          EventRouter,
          TokenStore,
          DispatcherConfiguration,
        ]
      ): GatewayDependencies => {
        const [rpc, auth, eventFrames, failures, events, tokens, { dispatcher }] = parts;
        return {
          frames: new FrameDispatcher({ rpc, auth, events: eventFrames }, failures),
          eventFrames,
          events,
          tokens,
          options: {
            heartbeatMs: dispatcher.limits.heartbeatMs,
            loginTimeoutMs: dispatcher.limits.loginTimeoutMs,
            idleLogoutMs: dispatcher.tokenLifetime * 1_000,
            listeners: listenerOptions(dispatcher),
          },
        };
      },
      inject: [
        RpcFrames,
        AuthFrames,
        EventFrames,
        FailureReporter,
        EventRouter,
        TokenStore,
        CONFIGURATION,
      ],
    },
    DispatcherGateway,
  ],
  exports: [DispatcherGateway, EventFrames],
})
export class GatewayModule {}

function listenerOptions(dispatcher: DispatcherConfiguration['dispatcher']): ListenerOptions {
  const { tls, tlsCertificate, tlsKeyfile, unixSocket, unixSocketGroup, limits } = dispatcher;
  return {
    port: dispatcher.websocketPort,
    address: dispatcher.websocketAddress,
    tls:
      tls && tlsCertificate !== null && tlsKeyfile !== null
        ? { cert: readFileSync(tlsCertificate), key: readFileSync(tlsKeyfile) }
        : null,
    unix: unixSocket === null ? null : { path: unixSocket, group: unixSocketGroup },
    maxConnections: limits.connections,
  };
}
