import type { NetworkRoute } from '../schemas/network-route.schema.js';
import { ipv4FromHex, ipv6FromHex, prefixLength } from './ip-addresses.js';

// Flags of a route, from the kernel's <linux/route.h> and <linux/ipv6_route.h>.
const RTF_UP = 0x0001;
const RTF_GATEWAY = 0x0002;
const RTF_REJECT = 0x0200;
const RTF_ANYCAST = 0x0010_0000;
const RTF_LOCAL = 0x8000_0000;

/** The metric of the entry that ends the IPv6 table and stands for "no route". */
const NO_ROUTE_METRIC = 0xffff_ffff;

const has = (flags: number, flag: number): boolean => (flags & flag) !== 0;

const IPV4_LINE =
  /^(\S+)\t([0-9A-F]{8})\t([0-9A-F]{8})\t([0-9A-F]{4})\t\d+\t\d+\t(\d+)\t([0-9A-F]{8})\t/;

/**
 * Parses `/proc/net/route`. Of a route with several next hops the kernel shows the first here.
 * The heading and lines of another form are skipped.
 */
export function parseIpv4Routes(text: string, endianness: 'BE' | 'LE'): NetworkRoute[] {
  return text.split('\n').flatMap((line) => {
    const [match, name, destination, gateway, flagsHex, metric, mask] = IPV4_LINE.exec(line) ?? [];
    if (match === undefined || !name || !destination || !gateway || !flagsHex || !mask) return [];
    const flags = parseInt(flagsHex, 16);
    if (!has(flags, RTF_UP)) return [];
    const isUnicast = !has(flags, RTF_REJECT);
    return {
      family: 'ipv4',
      type: isUnicast ? 'unicast' : 'unreachable',
      destination: ipv4FromHex(destination, endianness),
      prefix_length: prefixLength(ipv4FromHex(mask, endianness)),
      gateway: has(flags, RTF_GATEWAY) ? ipv4FromHex(gateway, endianness) : null,
      interface: isUnicast ? name : null,
      metric: Number(metric),
    };
  });
}

const IPV6_LINE =
  /^([0-9a-f]{32}) ([0-9a-f]{2}) [0-9a-f]{32} [0-9a-f]{2} ([0-9a-f]{32}) ([0-9a-f]{8}) [0-9a-f]{8} [0-9a-f]{8} ([0-9a-f]{8})\s+(\S+)$/;

/**
 * Parses `/proc/net/ipv6_route`, which has all tables in one: what the kernel keeps for itself
 * (own addresses, anycast, multicast, the end mark) is left out, as `ip -6 route` does.
 */
export function parseIpv6Routes(text: string): NetworkRoute[] {
  return text.split('\n').flatMap((line) => {
    const [match, destination, prefix, gateway, metricHex, flagsHex, name] =
      IPV6_LINE.exec(line) ?? [];
    if (match === undefined || !destination || !prefix || !gateway || !metricHex) return [];
    const flags = parseInt(flagsHex ?? '0', 16);
    const metric = parseInt(metricHex, 16);
    const isOwn = has(flags, RTF_LOCAL) || has(flags, RTF_ANYCAST) || destination.startsWith('ff');
    const isEnd = has(flags, RTF_REJECT) && metric === NO_ROUTE_METRIC;
    if (isOwn || isEnd || !has(flags, RTF_UP)) return [];
    const isUnicast = !has(flags, RTF_REJECT);
    return {
      family: 'ipv6',
      type: isUnicast ? 'unicast' : 'unreachable',
      destination: ipv6FromHex(destination),
      prefix_length: parseInt(prefix, 16),
      gateway: has(flags, RTF_GATEWAY) ? ipv6FromHex(gateway) : null,
      interface: isUnicast ? (name ?? null) : null,
      metric,
    };
  });
}
