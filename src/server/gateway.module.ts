import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Authenticator, Principals, SessionLog, TokenStore } from '../auth/index.js';
import { isListed, isLoopbackAddress, networkList } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { Documents } from '../debug/index.js';
import { DocumentsModule } from './documents.module.js';
import { EventsModule } from '../events/events.module.js';
import { EventJournal, EventRouter } from '../events/index.js';
import {
  AuthFrames,
  DispatcherGateway,
  EventFrames,
  FrameDispatcher,
  GATEWAY_DEPENDENCIES,
  type GatewayDependencies,
  GatewayMetrics,
  JsonRpcDispatcher,
  type ListenerOptions,
  Listeners,
  SessionManager,
  readTlsFiles,
  RpcFrames,
  type TlsMaterial,
} from '../gateway/index.js';
import { CallPipeline, FailureReporter } from '../rpc/index.js';
import { RpcModule } from '../rpc/rpc.module.js';

/** The WebSocket gateway with what its frames need: logins, calls, events. */
@Module({
  imports: [AuthModule, DocumentsModule, EventsModule, RpcModule],
  providers: [
    {
      provide: SessionManager,
      useFactory: (
        principals: Principals,
        tokens: TokenStore,
        sessions: SessionLog,
        events: EventRouter,
      ) => new SessionManager({ principals, tokens, sessions, events }),
      inject: [Principals, TokenStore, SessionLog, EventRouter],
    },
    {
      provide: EventFrames,
      useFactory: (
        events: EventRouter,
        journal: EventJournal,
        { dispatcher: { limits } }: DispatcherConfiguration,
      ) => new EventFrames(events, journal, limits),
      inject: [EventRouter, EventJournal, CONFIGURATION],
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
          answerBytes: dispatcher.limits.answerBytes,
          fragmentBytes: dispatcher.limits.fragmentBytes,
        }),
      inject: [CallPipeline, FailureReporter, CONFIGURATION],
    },
    {
      provide: AuthFrames,
      useFactory: (
        authenticator: Authenticator,
        tokens: TokenStore,
        sessions: SessionManager,
        { dispatcher }: DispatcherConfiguration,
      ) => {
        const tokenLifetimeSeconds = dispatcher.tokenLifetime;
        return new AuthFrames({ authenticator, tokens, sessions, tokenLifetimeSeconds });
      },
      inject: [Authenticator, TokenStore, SessionManager, CONFIGURATION],
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
          SessionManager,
          DispatcherConfiguration,
          Documents,
          Listeners,
        ]
      ): GatewayDependencies => {
        const [rpc, auth, eventFrames, failures, events, tokens, sessions, ...rest] = parts;
        const [{ dispatcher }, documents, listeners] = rest;
        const { frameValues, answerBytes } = dispatcher.limits;
        const frames = new FrameDispatcher({ rpc, auth, events: eventFrames }, failures, {
          frameValues,
        });
        const describe = (): Promise<string> => documents.openRpc();
        return {
          frames,
          jsonRpc: new JsonRpcDispatcher({ frames, failures, describe, frameValues, answerBytes }),
          eventFrames,
          events,
          tokens,
          sessions,
          listeners,
          options: {
            heartbeatMs: dispatcher.limits.heartbeatMs,
            loginTimeoutMs: dispatcher.limits.loginTimeoutMs,
            idleLogoutMs: dispatcher.tokenLifetime * 1_000,
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
        SessionManager,
        CONFIGURATION,
        Documents,
        Listeners,
      ],
    },
    DispatcherGateway,
    GatewayMetrics,
  ],
  exports: [DispatcherGateway, EventFrames, GatewayMetrics],
})
export class GatewayModule {}

/** @throws Error as {@link tlsMaterial} */
export function listenerOptions(
  dispatcher: DispatcherConfiguration['dispatcher'],
): ListenerOptions {
  const { unixSocket, unixSocketGroup, limits } = dispatcher;
  const proxies = networkList(dispatcher.trustedProxies);
  return {
    port: dispatcher.websocketPort,
    address: dispatcher.websocketAddress,
    tls: tlsMaterial(dispatcher),
    unix: unixSocket === null ? null : { path: unixSocket, group: unixSocketGroup },
    maxConnections: limits.connections,
    connectionsPerAddress: limits.connectionsPerAddress,
    isUnlimited: (ip) => isLoopbackAddress(ip) || isListed(ip, proxies),
  };
}

/** What clients are shown; null without TLS. @throws Error with one line on what is wrong with the files */
export function tlsMaterial(dispatcher: DispatcherConfiguration['dispatcher']): TlsMaterial | null {
  const { tls, tlsCertificate: certificate, tlsKeyfile: keyfile } = dispatcher;
  if (!tls || certificate === null || keyfile === null) return null;
  return readTlsFiles({ certificate, keyfile });
}
