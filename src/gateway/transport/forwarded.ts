import type { IncomingHttpHeaders } from 'node:http';
import { canonicalAddress } from '../../common/index.js';
import { forwardedNodes } from './forwarded-header.js';

/** One that a request came through, or its client; the port is null where nobody told it. */
export interface Hop {
  readonly ip: string;
  readonly port: number | null;
}

/** No chain of proxies is longer; what is further away was made up. */
const MAX_HOPS = 32;
const BRACKETED = /^\[([^\]]+)\](?::(\d{1,5}|_[\w.-]+))?$/;
const WITH_PORT = /^([\d.]+):(\d{1,5}|_[\w.-]+)$/;
const MAX_PORT = 65_535;

/**
 * The client that a trusted proxy speaks for; null when the proxy does not say, and is all that is known.
 *
 * Each proxy adds whom it was asked by at the right end, and of what stands to the left of that anything
 * may have been written by the client. So the list is read from the right, for as long as those named
 * are trusted themselves; the first who is not is the client. What is no address ends the way: nobody
 * can be believed beyond it.
 *
 * A proxy sets one of the three headers and may pass on the others as the client wrote them, and nothing
 * tells which. Hence none of them counts when they contradict each other.
 */
export function forwardedClient(
  headers: IncomingHttpHeaders,
  isTrusted: (ip: string) => boolean,
): Hop | null {
  const ways = chainsOf(headers).map((chain) => wayBack(chain, isTrusted));
  const longest = ways.reduce((best, way) => (way.length > best.length ? way : best), []);
  const isAgreed = ways.every((way) => longest.some(({ ip }) => ip === way.at(-1)?.ip));
  return isAgreed ? (longest.at(-1) ?? null) : null;
}

/** What each of the headers that are there says, nearest first. */
function chainsOf(headers: IncomingHttpHeaders): (Hop | null)[][] {
  const { forwarded } = headers;
  const chain = textOf(headers['x-forwarded-for']);
  const real = textOf(headers['x-real-ip']);
  return [
    ...(chain === undefined ? [] : [lastOf(chain.split(',')).map(hopOf)]),
    ...(forwarded === undefined ? [] : [lastOf(forwardedNodes(forwarded)).map(hopOf)]),
    ...(real === undefined ? [] : [[realHop(real, textOf(headers['x-real-port']))]]),
  ];
}

function lastOf<T>(chain: readonly T[]): T[] {
  return chain.slice(-MAX_HOPS).reverse();
}

/** Those that can be believed, up to the client. */
function wayBack(chain: readonly (Hop | null)[], isTrusted: (ip: string) => boolean): Hop[] {
  const way: Hop[] = [];
  for (const hop of chain) {
    if (hop === null) break;
    way.push(hop);
    if (!isTrusted(hop.ip)) break;
  }
  return way;
}

/** An address with or without a port and brackets, as both headers write it; null for anything else. */
function hopOf(node: string | null): Hop | null {
  const text = node?.trim() ?? '';
  const [, address = text, port] = BRACKETED.exec(text) ?? WITH_PORT.exec(text) ?? [];
  const ip = canonicalAddress(address);
  if (ip === null) return null;
  const number = /^\d/.test(port ?? '') ? Number(port) : null;
  return number !== null && number > MAX_PORT ? null : { ip, port: number };
}

function realHop(address: string, port: string | undefined): Hop | null {
  const hop = hopOf(address);
  return hop === null || port === undefined ? hop : (hopOf(`[${hop.ip}]:${port}`) ?? hop);
}

/** Node makes one text of a header that comes twice; its types allow for more. */
function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join() : value;
}
