/**
 * What the client library has only in Node (`dispatcher/client/node`): sockets with certificates, headers and bounds of
 * one's own, over TLS and over unix sockets. It needs the package `ws`, which the dispatcher brings along.
 */
export { nodeSocket, type NodeSocketOptions } from './node-socket.js';
