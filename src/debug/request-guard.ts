import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwnRequest } from '../common/index.js';

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

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * Refuses what no honest page or tool sends: a target that is no path, a Host that is a name other than
 * `localhost` (DNS rebinding makes a foreign name point here), an Origin other than this server's own,
 * and a body that a form of a foreign page could send without asking (anything but JSON). Who may have
 * what is there, `AccessGuard` decides.
 */
export const guardRequest: Middleware = (request, response, next) => {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const refusal = refusalOf(request);
  if (refusal === null) {
    next();
    return;
  }
  const [status, text] = refusal;
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
};

function refusalOf({ method = '', url = '', headers }: IncomingMessage): [number, string] | null {
  if (!isOwnRequest(headers)) {
    return [403, 'Forbidden: use this server by its address or as localhost'];
  }
  if (!url.startsWith('/')) return [400, 'Bad request: ask for a path, this is no proxy'];
  if (READING.has(method)) return null;
  if (method !== 'POST') return [405, 'Method not allowed: use GET'];
  if (isJson(headers['content-type'])) return null;
  return [415, 'Unsupported media type: send application/json'];
}

function isJson(type = ''): boolean {
  return type.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
