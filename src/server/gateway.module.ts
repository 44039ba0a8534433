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
  type Connection,
  ConnectionMonitor,
  DispatcherGateway,
  EventFrames,
  FrameDispatcher,
  GATEWAY_DEPENDENCIES,
  type GatewayDependencies,
  GatewayMetrics,
  type HubOptions,
  JsonRpcDispatcher,
  type ListenerOptions,
  Listeners,
  ProtocolHandler,
  readTlsFiles,
  RpcFrames,
  SessionManager,
  SessionTimeouts,
  type TlsMaterial,
  WebSocketHub,
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
      provide: FrameDispatcher,
      useFactory: (
        rpc: RpcFrames,
        auth: AuthFrames,
        events: EventFrames,
        failures: FailureReporter,
        { dispatcher: { limits } }: DispatcherConfiguration,
      ) => new FrameDispatcher({ rpc, auth, events }, failures, limits),
      inject: [RpcFrames, AuthFrames, EventFrames, FailureReporter, CONFIGURATION],
    },
    {
      provide: JsonRpcDispatcher,
      useFactory: (
        frames: FrameDispatcher,
        failures: FailureReporter,
        documents: Documents,
        { dispatcher }: DispatcherConfiguration,
      ) => {
        const { frameValues, answerBytes } = dispatcher.limits;
        const describe = (): Promise<string> => documents.openRpc();
        return new JsonRpcDispatcher({ frames, failures, describe, frameValues, answerBytes });
      },
      inject: [FrameDispatcher, FailureReporter, Documents, CONFIGURATION],
    },
    {
      provide: SessionTimeouts,
      useFactory: (tokens: TokenStore, { dispatcher }: DispatcherConfiguration) =>
        new SessionTimeouts(tokens, {
          loginTimeoutMs: dispatcher.limits.loginTimeoutMs,
          idleLogoutMs: dispatcher.tokenLifetime * 1_000,
        }),
      inject: [TokenStore, CONFIGURATION],
    },
    {
      provide: ProtocolHandler,
      useFactory: (
        frames: FrameDispatcher,
        jsonRpc: JsonRpcDispatcher,
        eventFrames: EventFrames,
        sessions: SessionManager,
        timeouts: SessionTimeouts,
        events: EventRouter,
      ) => new ProtocolHandler({ frames, jsonRpc, eventFrames, sessions, timeouts, events }),
      inject: [
        FrameDispatcher,
        JsonRpcDispatcher,
        EventFrames,
        SessionManager,
        SessionTimeouts,
        EventRouter,
      ],
    },
    {
      provide: WebSocketHub,
      useFactory: ({ dispatcher }: DispatcherConfiguration, handler: ProtocolHandler) =>
        new WebSocketHub(hubOptions(dispatcher), handler),
      inject: [CONFIGURATION, ProtocolHandler],
    },
    {
      provide: GATEWAY_DEPENDENCIES,
      useFactory: (
        hub: WebSocketHub<Connection>,
        listeners: Listeners,
        eventFrames: EventFrames,
        events: EventRouter,
        tokens: TokenStore,
        { dispatcher: { limits } }: DispatcherConfiguration,
      ): GatewayDependencies => {
        const monitor = new ConnectionMonitor(hub, limits);
        return { hub, monitor, listeners, eventFrames, events, tokens };
      },
      inject: [WebSocketHub, Listeners, EventFrames, EventRouter, TokenStore, CONFIGURATION],
    },
    DispatcherGateway,
    GatewayMetrics,
  ],
  exports: [DispatcherGateway, EventFrames, GatewayMetrics],
})
export class GatewayModule {}

function hubOptions(dispatcher: DispatcherConfiguration['dispatcher']): HubOptions {
  const { limits } = dispatcher;
  return {
    policy: {
      trustedProxies: networkList(dispatcher.trustedProxies),
      allowedOrigins: dispatcher.allowedOrigins,
    },
    hasFastPath: dispatcher.websocketFastPath,
    limits: {
      framesPerTurn: limits.framesPerTurn,
      messageBytes: limits.messageSize,
      messageBytesBeforeLogin: limits.messageSizeUnauthenticated,
      connections: limits.connections,
      connectionsPerAddress: limits.connectionsPerAddress,
      outbox: {
        frames: limits.outboxFrames,
        bytes: limits.outboxBytes,
        graceMs: limits.outboxGraceMs,
      },
    },
  };
}

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
