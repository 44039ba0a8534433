/**
 * What is said on connections: frames and JSON-RPC, calls both ways, events, logins. Turns messages into
 * calls of `rpc` and results and events into frames; knows nothing of what is called, and of the
 * transport only its face.
 */
export { AuthFrames } from './auth-frames.js';
export { parseArguments } from './call-arguments.js';
export { CallStream } from './call-stream.js';
export { Connection, ConnectionSender } from './connection.js';
export { EventFrames, type ReplayRequest } from './event-frames.js';
export { type Feature, FEATURES } from './features.js';
export { answerText } from './frame.codec.js';
export { FrameDispatcher } from './frame-dispatcher.js';
export { JsonRpcDispatcher } from './jsonrpc/json-rpc-dispatcher.js';
export { ProtocolHandler } from './protocol-handler.js';
export { PROTOCOL_LIMITS, type ProtocolLimits } from './protocol-limits.js';
export { RpcFrames } from './rpc-frames.js';
export { SessionManager } from './session-manager.js';
export { SessionTimeouts } from './session-timeouts.js';
