import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { TokenStore } from '../auth/index.js';
import { networkList } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { EventsModule } from '../events/events.module.js';
import { ClusterRpcModule } from '../rpc/cluster-rpc.module.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { DispatcherGateway } from './dispatcher.gateway.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { HttpCalls, RunningCalls } from './http/index.js';
import { LivePrincipals } from './live-principals.js';
import {
  AuthFrames,
  type Connection,
  EventFrames,
  FrameDispatcher,
  JsonRpcDispatcher,
  PROTOCOL_LIMITS,
  ProtocolHandler,
  type ProtocolLimits,
  RpcFrames,
  SessionManager,
  SessionTimeouts,
} from './protocol/index.js';
import { ConnectionMonitor, type HubOptions, WebSocketHub } from './transport/index.js';

/** The WebSocket gateway with what its frames need: logins, calls, events. */
@Module({
  imports: [AuthModule, ClusterRpcModule, EventsModule, RpcModule],
  providers: [
    AuthFrames,
    DispatcherGateway,
    EventFrames,
    FrameDispatcher,
    GatewayMetrics,
    HttpCalls,
    JsonRpcDispatcher,
    LivePrincipals,
    ProtocolHandler,
    RpcFrames,
    RunningCalls,
    SessionManager,
    { provide: PROTOCOL_LIMITS, useFactory: protocolLimits, inject: [CONFIGURATION] },
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
      provide: WebSocketHub,
      useFactory: ({ dispatcher }: DispatcherConfiguration, handler: ProtocolHandler) =>
        new WebSocketHub(hubOptions(dispatcher), handler),
      inject: [CONFIGURATION, ProtocolHandler],
    },
    {
      provide: ConnectionMonitor,
      useFactory: (hub: WebSocketHub<Connection>, { dispatcher }: DispatcherConfiguration) =>
        new ConnectionMonitor(hub, { heartbeatMs: dispatcher.limits.heartbeatMs }),
      inject: [WebSocketHub, CONFIGURATION],
    },
  ],
  exports: [DispatcherGateway, EventFrames, GatewayMetrics, LivePrincipals],
})
export class GatewayModule {}

/** A small object, not all that the configuration has: it is read for every frame. */
function protocolLimits({ dispatcher: { limits } }: DispatcherConfiguration): ProtocolLimits {
  return {
    callsInFlight: limits.callsInFlight,
    streamingBurst: limits.streamingBurst,
    answerBytes: limits.answerBytes,
    fragmentBytes: limits.fragmentBytes,
    frameValues: limits.frameValues,
    masks: limits.masks,
    nameCharacters: limits.nameCharacters,
  };
}

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
