/**
 * The way of bytes to clients and from them: listeners, sockets with what is read from them and what
 * waits for them, who is at the other end and whether it is still there. Knows nothing of what is said:
 * whoever does is the {@link ConnectionHandler}.
 */
export { GatewaySocket } from './gateway-socket.js';
export { CLOCK_STEP_MS } from './coarse-clock.js';
export type {
  ConnectionHandler,
  HttpExchange,
  RequestHandler,
  SocketOwner,
} from './connection-handler.js';
export { ConnectionMonitor } from './connection-monitor.js';
export { attachEarlyAnswers } from './early-answers.js';
export { type EventForm, FrameBatch } from './frame-batch.js';
export { type ListenerOptions, Listeners } from './listeners.js';
export { MemoryListener } from './memory-listener.js';
export type { Outbox } from './outbox.js';
export type { Peer } from './peer.js';
export type { TextEncoding } from './text-encoding.js';
export { readTlsFiles, type TlsMaterial } from './tls-files.js';
export { TURN_MS } from './turn-clock.js';
export { joinFrames, textFrame } from './websocket-frame.js';
export { type HubOptions, WebSocketHub } from './websocket-hub.js';
