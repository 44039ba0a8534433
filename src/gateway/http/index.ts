/**
 * Calls over plain HTTP, for curl and whoever has no WebSocket: one request is one call. Authenticates,
 * reads the body, and hands it to the pipeline of `rpc` as frames do; knows nothing of connections.
 */
export { HttpCalls } from './http-calls.js';
export { RunningCalls } from './running-calls.js';
