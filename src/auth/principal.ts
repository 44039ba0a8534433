/** Who is behind a connection. */
export interface Principal {
  readonly kind: 'user' | 'service' | 'anonymous';
  readonly name: string | null;
  readonly roles: readonly string[];
}

export const ANONYMOUS: Principal = { kind: 'anonymous', name: null, roles: [] };

/** What of a peer decides about local login. */
export interface LoginPeer {
  readonly transport: 'tcp' | 'unix';
  readonly isLoopback: boolean;
  /** No web page and no proxy stands between. */
  readonly isDirect: boolean;
  readonly ip: string | null;
  readonly port: number | null;
  readonly serverIp: string | null;
  readonly serverPort: number | null;
}
