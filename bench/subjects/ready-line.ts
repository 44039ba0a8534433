/**
 * The address in a line a server printed when it became ready, or null if the line holds none. Every server of
 * the bench, the product included, prints one line with a `ws://` address. A wildcard address is one to
 * listen on, not to connect to, hence loopback.
 */
export function readyAddress(line: string): URL | null {
  const found = /ws:\/\/(\[[^\]]*\]|[^\s/:"]+):(\d+)/.exec(line);
  if (found === null) return null;
  const [, host = '', port = ''] = found;
  const isWildcard = ['0.0.0.0', '[::]', '*'].includes(host);
  return new URL(`ws://${isWildcard ? '127.0.0.1' : host}:${port}/`);
}
