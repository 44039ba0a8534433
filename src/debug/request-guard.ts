import type { IncomingMessage, ServerResponse } from 'node:http';
import { isForwarded, isLoopbackAddress, isOwnRequest } from '../common/index.js';

/** Everything comes from this server itself; nothing is evaluated, framed or sent elsewhere. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    ...['script', 'style', 'font', 'img', 'connect', 'worker'].map((kind) => `${kind}-src 'self'`),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cache-Control': 'no-store',
};

const READING = new Set(['GET', 'HEAD']);
/** What tells of the product's inside: for this machine, elsewhere for those who are logged in. */
const DOCUMENTS = new Set(['/schema.json', '/openrpc.json', '/asyncapi.json', '/metrics']);

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * Refuses what no honest page or tool sends: a Host that is a name other than `localhost` (DNS
 * rebinding makes a foreign name point here), an Origin other than this server's own, and a body
 * that a form of a foreign page could send without asking (anything but JSON).
 */
export const guardRequest: Middleware = (request, response, next) => {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  if (!isOwnRequest(request.headers)) {
    refuse(response, 403, 'Forbidden: use this server by its address or as localhost');
    return;
  }
  const { method = '', headers } = request;
  if (!READING.has(method) && !isJson(headers['content-type'])) {
    refuse(response, 415, 'Unsupported media type: send application/json');
    return;
  }
  next();
};

/**
 * Keeps the documents from strangers on the network: a peer that is not on this machine needs the
 * token of a login in `Authorization: Bearer`.
 */
export function guardDocuments(isValidToken: (token: string) => boolean): Middleware {
  return (request, response, next) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (!DOCUMENTS.has(path) || isLocal(request) || isValidToken(tokenOf(request))) {
      next();
      return;
    }
    response.setHeader('WWW-Authenticate', 'Bearer');
    refuse(response, 401, 'Log in: from elsewhere than this machine, send a token as Bearer');
  };
}

function isLocal({ socket: { remoteAddress }, headers }: IncomingMessage): boolean {
  return remoteAddress !== undefined && isLoopbackAddress(remoteAddress) && !isForwarded(headers);
}

function tokenOf({ headers: { authorization = '' } }: IncomingMessage): string {
  return /^Bearer ([\w-]+)$/i.exec(authorization)?.[1] ?? '';
}

function isJson(type = ''): boolean {
  return type.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
