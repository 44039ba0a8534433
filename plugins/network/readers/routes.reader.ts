import { endianness } from 'node:os';
import type { NetworkRoute } from '../schemas/network-route.schema.js';
import { readText } from './kernel-files.js';
import { parseIpv4Routes, parseIpv6Routes } from './route-tables.js';

export async function readRoutes(): Promise<NetworkRoute[]> {
  const [ipv4, ipv6] = await Promise.all([
    readText('/proc/net/route'),
    readText('/proc/net/ipv6_route'),
  ]);
  return [...parseIpv4Routes(ipv4 ?? '', endianness()), ...parseIpv6Routes(ipv6 ?? '')];
}
