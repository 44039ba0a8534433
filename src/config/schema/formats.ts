import { isIP, isIPv4 } from 'node:net';

/** What a text must look like, and how an error message names it. */
export interface TextFormat {
  readonly expected: string;
  readonly accepts: (value: string) => boolean;
}

export type FormatName =
  'plain' | 'path' | 'listen-address' | 'network' | 'origin' | 'node-name' | 'nats-server';

/**
 * The formats of configured texts. Editors that read the published schema ignore the ones they do
 * not know, so nothing here may be needed to make sense of a file.
 */
export const FORMATS: Readonly<Record<FormatName, TextFormat>> = {
  plain: { expected: 'a text', accepts: isPlain },
  path: { expected: 'a path', accepts: isPlain },
  'listen-address': {
    expected: 'an IP address or a host name, without a port',
    accepts: (value) => isIP(value) !== 0 || isHostName(value),
  },
  network: {
    expected: 'an IP address or a network such as "10.0.0.0/8"',
    accepts: isNetwork,
  },
  origin: {
    expected: 'an origin such as "https://nas.example.org", without a path',
    accepts: isOrigin,
  },
  'node-name': {
    expected: 'a name of at most 32 characters of a to z, 0 to 9 and "-"',
    accepts: (value) => /^[a-z\d-]{1,32}$/.test(value),
  },
  'nats-server': {
    expected: 'an address such as "nats://10.0.0.1:4222" or "tls://nats1.example.org:4222"',
    accepts: isNatsServer,
  },
};

/** Not empty, and nothing in it that the operating system takes for the end of the text. */
function isPlain(value: string): boolean {
  return value !== '' && !value.includes('\0');
}

/** Host names by RFC 1123. Digits and dots alone are a mistyped IPv4 address, never a name. */
function isHostName(value: string): boolean {
  if (value.length > 253 || /^[\d.]+$/.test(value)) return false;
  return /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i.test(value);
}

function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  // a zone (fe80::1%eth0) is an IP address to isIP but not to a BlockList
  if (rest.length > 0 || isIP(address) === 0 || address.includes('%')) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

/** Without a user: a node has a key. */
function isNatsServer(value: string): boolean {
  const host = /^(?:nats|tls):\/\/(\[[\da-f:.]+\]|[^/?#@:\s]+)(?::\d{1,5})?$/.exec(value)?.[1];
  if (host === undefined || !URL.canParse(value.replace(/^\w+/, 'http'))) return false;
  return host.startsWith('[') || isIP(host) !== 0 || isHostName(host);
}

/** As browsers write it, because it is compared with their header letter for letter. */
function isOrigin(value: string): boolean {
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/?#@\s]+$/.test(value) || !URL.canParse(value)) return false;
  return !/^https?:/.test(value) || new URL(value).origin === value;
}
