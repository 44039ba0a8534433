import type { BackOffOptions } from './back-off.js';
import type { Credentials } from './session.js';
import type { ClientSocketConstructor } from './socket.js';
import type { ValueForm } from './value-form.js';

/** How a {@link DispatcherClient} connects; only `url` has to be given. */
export interface DispatcherClientOptions {
  /** `ws://host:5000/socket`, `wss://...`, or with `ws` also `ws+unix:/path/of/the.sock:/socket`. */
  readonly url: string;
  /** Where there is no global WebSocket (Node before 22), or it is not to be used. */
  readonly webSocket?: ClientSocketConstructor;
  /** Asked for a login on each connection for which no token is left. */
  readonly credentials?: Credentials;
  /** Dates, bytes and big integers as themselves (`native`, the default) or as they travel (`wire`). */
  readonly values?: ValueForm;
  /** The server refuses properties that are read-only instead of dropping them. */
  readonly strictValidation?: boolean;
  /** The waits between attempts to connect. */
  readonly backOff?: Partial<BackOffOptions>;
  /** How long the socket may take to open, and the server to answer the login then. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long a call may take that says nothing itself; null (the default): as long as it does. */
  readonly callTimeoutMs?: number | null;
  /**
   * After so much silence the server is asked whether it is there; that also keeps the login alive.
   * Null: never, and a login that is not used ends. Default 30,000.
   */
  readonly heartbeatMs?: number | null;
  /** From 0 to 1, for the jitter of the waits. */
  readonly random?: () => number;
}
