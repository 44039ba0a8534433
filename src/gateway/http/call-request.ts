import type { IncomingMessage } from 'node:http';
import type { Problem } from './problem.js';

const PATH = /^\/rpc\/([^/?]+)$/;

/** The method that a URL names; null when it names none. */
export function methodIn(url: string): string | null {
  const [, name] = PATH.exec(url) ?? [];
  try {
    return name === undefined ? null : decodeURIComponent(name);
  } catch {
    return null;
  }
}

/** Which node is to make the call; null: whoever has the method, this one first. */
export function nodeIn({ headers }: IncomingMessage): string | null {
  const { 'dispatcher-node': node = null } = headers;
  return Array.isArray(node) ? node.join(',') : node;
}

/** What is wrong with a request before anybody asks who sent it; null: nothing. */
export function refusalOf(
  { method, headers }: IncomingMessage,
  allowedOrigins: readonly string[],
): Problem | null {
  const { origin } = headers;
  // no page of another site gets any answer but this, and no header that lets it read even this
  if (origin !== undefined && !allowedOrigins.includes(origin)) {
    return { status: 403, detail: 'Web pages of other sites may not call' };
  }
  if (method !== 'POST') {
    return { status: 405, detail: 'Calls are made with POST', headers: { Allow: 'POST' } };
  }
  if (!isJson(headers['content-type'])) {
    return { status: 415, detail: 'Content-Type must be application/json, in UTF-8' };
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    return { status: 415, detail: 'Content-Encoding is not understood: send the JSON as it is' };
  }
  return null;
}

/** What a form of a web page can send is none of it. */
function isJson(contentType = ''): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  return type.trim() === 'application/json' && isUtf8;
}
