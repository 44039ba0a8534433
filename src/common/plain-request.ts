/**
 * What browsers, command-line tools, scrapers and WebSocket libraries send by themselves. Proxies have
 * too many ways to say for whom they speak (`X-Real-IP`, `CF-Connecting-IPv6`, `X-Envoy-External-Address`,
 * and one more with each product) to list those instead.
 */
const PLAIN_HEADERS = new Set([
  // of the connection
  ...[
    'host',
    'connection',
    'keep-alive',
    'upgrade',
    'http2-settings',
    'te',
    'priority',
    'alt-used',
  ],
  // who asks
  ...['user-agent', 'origin', 'referer', 'cookie', 'authorization'],
  // what is wanted
  ...['accept', 'accept-charset', 'accept-encoding', 'accept-language', 'expect'],
  ...['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
  ...['cache-control', 'pragma', 'dnt', 'save-data', 'purpose', 'upgrade-insecure-requests'],
  // what is sent
  ...['content-type', 'content-length', 'content-encoding', 'transfer-encoding'],
  'x-prometheus-scrape-timeout-seconds',
]);

/** Names that pages cannot choose (the prefix `Sec-` is the browser's), and those of the handshake. */
const PLAIN_PREFIXES = ['sec-websocket-', 'sec-fetch-', 'sec-ch-', 'sec-gpc', 'sec-purpose'];

/**
 * True when nothing in a request hints at somebody between its client and this server. One header that
 * a plain client does not send is enough: the address of the peer proves nothing about its client then.
 */
export function isPlainRequest(headers: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(headers).every(
    (name) => PLAIN_HEADERS.has(name) || PLAIN_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
}
