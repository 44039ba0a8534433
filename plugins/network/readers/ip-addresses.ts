import { SocketAddress } from 'node:net';

/** An IPv4 address from the hexadecimal form of `/proc/net/route`: the bytes as the machine keeps them. */
export function ipv4FromHex(hex: string, endianness: 'BE' | 'LE'): string {
  const bytes = Buffer.from(hex, 'hex');
  return (endianness === 'LE' ? bytes.reverse() : bytes).join('.');
}

/** An IPv6 address from 32 hexadecimal digits, in the short form of RFC 5952. */
export function ipv6FromHex(hex: string): string {
  const address = hex.replace(/(....)(?!$)/g, '$1:');
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

/** How many leading bits of a dotted netmask are set. */
export function prefixLength(netmask: string): number {
  const bits = netmask.split('.').map((byte) => Number(byte).toString(2).replaceAll('0', ''));
  return bits.join('').length;
}
