import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAddressHost, isSameOrigin } from '../common/index.js';

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/**
 * Refuses what no honest page or tool sends: a Host that is a name other than `localhost` (DNS
 * rebinding makes a foreign name point here) and an Origin other than this server's own.
 */
export function guardRequest(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const { host = '', origin } = request.headers;
  if (!isAddressHost(host) || (origin !== undefined && !isSameOrigin(origin, host))) {
    response.writeHead(403, { 'Content-Type': 'text/plain' });
    response.end('Forbidden: use this server by its address or as localhost\n');
    return;
  }
  next();
}
