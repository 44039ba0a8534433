import { BlockList, isIP, SocketAddress } from 'node:net';

const LOOPBACK_IPV6 = /^(?:0*:)+0*1$/;

/** An IPv4 address that came over a dual-stack socket is the IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/**
 * The one spelling of an address that somebody wrote down: short, lower case, without a zone, IPv4 where
 * it is one; null for what is none.
 */
export function canonicalAddress(text: string): string | null {
  const family = isIP(text);
  if (family === 0) return null;
  if (family === 4) return text;
  return plainAddress(new SocketAddress({ address: text, family: 'ipv6' }).address);
}

export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  const family = isIP(plain);
  return family === 4 ? plain.startsWith('127.') : family === 6 && LOOPBACK_IPV6.test(plain);
}

/** Whether an address is one of a list, or in one of its networks; null is the empty list. */
export function isListed(address: string, list: BlockList | null): boolean {
  return list?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') === true;
}

/** Of addresses and networks in CIDR notation, as the configuration has checked them; or null. */
export function networkList(entries: readonly string[]): BlockList | null {
  if (entries.length === 0) return null;
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/**
 * What counts as one address: an IPv6 host has a whole /64 to itself and may send every guess from
 * another address of it, so the first four groups count. Whatever is no IPv6 address is a group of its own.
 */
export function addressGroup(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const [head = '', tail] = ip.replace(/%.*$/, '').toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  if (tail === undefined) return prefixOf(first);
  const last = tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return prefixOf([...first, ...zeros, ...last]);
}

function prefixOf(groups: readonly string[]): string {
  const words = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${words.join(':')}::/64`;
}
