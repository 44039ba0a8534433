/**
 * The WebSocket side of the server: `transport/` has listeners and sockets, `protocol/` what is said on
 * them; here is what puts both together and what others may ask of it.
 */
export { DispatcherWsAdapter } from './dispatcher-ws.adapter.js';
export { DispatcherGateway } from './dispatcher.gateway.js';
export { GatewayMetrics } from './gateway-metrics.js';
export { LivePrincipals } from './live-principals.js';
export {
  type Connection,
  ConnectionSender,
  EventFrames,
  type ReplayRequest,
  type Feature,
  FEATURES,
} from './protocol/index.js';
export {
  attachEarlyAnswers,
  type ListenerOptions,
  Listeners,
  readTlsFiles,
  type TlsMaterial,
  WebSocketHub,
} from './transport/index.js';
