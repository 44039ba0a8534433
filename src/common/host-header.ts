import { isIP } from 'node:net';

/**
 * True when a Host header is `localhost` or an address. A name in it proves nothing: DNS rebinding
 * makes any name point at this machine, and the browser then takes a foreign page for its own. Case is
 * none of a name's.
 */
function isAddressHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0;
}

/** True when the Origin is that of a page which this very host delivered. */
export function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase() && isAddressHost(host);
}

/**
 * True for a request by a tool, or by a page that this very server delivered, under a Host that no
 * foreign name can stand for: neither DNS rebinding nor a page of another site gets past it.
 */
export function isOwnRequest(headers: {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}): boolean {
  const { host = '', origin } = headers;
  return isAddressHost(host) && (origin === undefined || isSameOrigin(origin, host));
}
