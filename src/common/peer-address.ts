import { isIP } from 'node:net';

/** What proxies add, besides everything that begins with `x-forwarded`. */
const PROXY_HEADERS = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-real-port',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
]);

const LOOPBACK_IPV6 = /^(?:0*:)+0*1$/;

/** An IPv4 address that came over a dual-stack socket is the IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  const family = isIP(plain);
  return family === 4 ? plain.startsWith('127.') : family === 6 && LOOPBACK_IPV6.test(plain);
}

/** True when a proxy says that it speaks for somebody else: the peer's own address proves nothing then. */
export function isForwarded(headers: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(headers).some(
    (name) => PROXY_HEADERS.has(name) || name.startsWith('x-forwarded'),
  );
}
