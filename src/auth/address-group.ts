import { isIP } from 'node:net';

/**
 * What counts as one address: an IPv6 host has a whole /64 to itself and may send every guess from
 * another address of it, so the first four groups count. Null, the unix socket, is one group too.
 */
export function addressGroup(ip: string | null): string {
  if (ip === null) return 'unix';
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
