import { Errno } from '../common/portable.js';
import { DispatcherClientError } from './client-error.js';

/** What the listeners of a {@link ClientSocket} are told; which fields are there depends on the event. */
export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

/** The part of a WebSocket that the client uses: a browser's has it, and so has that of `ws`. */
export interface ClientSocket {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: SocketEvent) => void,
  ): void;
}

/**
 * Makes sockets: the global `WebSocket` of browsers and of Node from 22 on, or that of `ws`.
 *
 * @example
 * import { WebSocket } from 'ws';
 * const client = new DispatcherClient({ url: 'ws://127.0.0.1:5000/socket', webSocket: WebSocket });
 */
export type ClientSocketConstructor = new (url: string) => ClientSocket;

/** @throws DispatcherClientError EOPNOTSUPP where there is none and none was passed in */
export function socketConstructor(given?: ClientSocketConstructor): ClientSocketConstructor {
  const found = given ?? (globalThis as { readonly WebSocket?: ClientSocketConstructor }).WebSocket;
  if (found !== undefined) return found;
  throw new DispatcherClientError(
    Errno.EOPNOTSUPP,
    "There is no WebSocket here: pass that of the package 'ws' as the option webSocket",
  );
}
