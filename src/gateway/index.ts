/**
 * The WebSocket side of the server: listeners, connections, frames. Turns messages into calls of
 * `rpc` and results and events into frames; knows nothing of what is called.
 */
export { AuthFrames } from './auth-frames.js';
export { type Connection, ConnectionSender, type Feature, FEATURES } from './connection.js';
export { DispatcherWsAdapter } from './dispatcher-ws.adapter.js';
export {
  DispatcherGateway,
  GATEWAY_DEPENDENCIES,
  type GatewayDependencies,
} from './dispatcher.gateway.js';
export { EventFrames } from './event-frames.js';
export { GatewayMetrics } from './gateway-metrics.js';
export { FrameDispatcher } from './frame-dispatcher.js';
export { JsonRpcDispatcher } from './jsonrpc/json-rpc-dispatcher.js';
export { attachEarlyAnswers } from './early-answers.js';
export { type ListenerOptions, Listeners } from './listeners.js';
export type { OutboxLimits } from './outbox.js';
export type { PeerPolicy } from './peer.js';
export { LivePrincipals } from './live-principals.js';
export { SessionManager } from './session-manager.js';
export { RpcFrames } from './rpc-frames.js';
export type { HubOptions } from './websocket-hub.js';
export { readTlsFiles, type TlsMaterial } from './tls-files.js';
