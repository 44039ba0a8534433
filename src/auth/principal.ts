import type { ApiKey } from './api-key.js';
import type { Rights } from './rights.js';

/** Who is behind a connection. Shared by all its connections, and replaced when its roles change. */
export interface Principal {
  readonly kind: 'user' | 'service' | 'anonymous';
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly rights: Rights;
  /** `machine`: the account is the machine's and lasts without a row in the store. */
  readonly origin: 'store' | 'machine';
  /** By which key it acts, when by one. */
  readonly apiKey?: ApiKey;
}

/** What of a peer decides about local login. */
export interface LoginPeer {
  readonly transport: 'tcp' | 'unix';
  readonly isLoopback: boolean;
  /** No web page and no proxy stands between. */
  readonly isDirect: boolean;
  readonly ip: string | null;
  /** What counts as its address: not `ip` where that is only the proxy of a client that cannot be told. */
  readonly source: string | null;
  readonly port: number | null;
  readonly serverIp: string | null;
  readonly serverPort: number | null;
}
