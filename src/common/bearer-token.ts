import type { IncomingHttpHeaders } from 'node:http';

const BEARER = /^Bearer +([\w.~+/=-]{1,1024}) *$/i;

/** The token or key that a request shows in `Authorization: Bearer` (RFC 6750); null when it shows none. */
export function bearerTokenOf({ authorization = '' }: IncomingHttpHeaders): string | null {
  return BEARER.exec(authorization)?.[1] ?? null;
}
