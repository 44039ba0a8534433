import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { endianness } from 'node:os';
import { emptyIfMissing } from './missing-file.js';

/** The two ends of a TCP connection, seen from the process whose owner is wanted. */
export interface SocketEnds {
  readonly localIp: string;
  readonly localPort: number;
  readonly remoteIp: string;
  readonly remotePort: number;
}

/** Says which user owns a TCP socket of this machine. */
export interface SocketOwners {
  /**
   * The owner's uid; null when there is no such connection here.
   *
   * @throws Error when the tables cannot be read
   */
  uidOf(ends: SocketEnds): Promise<number | null>;
}

const ESTABLISHED = '01';
const MAPPED_PREFIX = '0000000000000000FFFF0000';

/**
 * The kernel's own tables, /proc/net/tcp and tcp6 (format: proc(5)). A client may use an IPv6 socket
 * for an IPv4 address, so both tables are looked at and mapped addresses compare equal to plain ones.
 *
 * Reading the tables takes time in proportion to all sockets of the machine: look-ups that come
 * while one is being read share the next reading. Sharing the present one would be wrong, for it
 * may have passed the place of a socket that has only just been opened.
 */
export class KernelSocketTable implements SocketOwners {
  #next: Promise<string[]> | null = null;
  #current: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly readTable: (name: 'tcp' | 'tcp6') => Promise<string> = (name) =>
      readFile(`/proc/net/${name}`, 'latin1'),
  ) {}

  async uidOf(ends: SocketEnds): Promise<number | null> {
    const local = endpoint(ends.localIp, ends.localPort);
    const remote = endpoint(ends.remoteIp, ends.remotePort);
    if (local === null || remote === null) return null;
    for (const line of await this.#lines()) {
      const [, from = '', to = '', state, , , , uid] = line.trim().split(/\s+/);
      if (state === ESTABLISHED && plain(from) === local && plain(to) === remote)
        return Number(uid);
    }
    return null;
  }

  #lines(): Promise<string[]> {
    this.#next ??= this.#current.then(async () => {
      this.#next = null;
      const reading = Promise.all([
        this.readTable('tcp'),
        this.readTable('tcp6').catch(emptyIfMissing), // a kernel without IPv6 has none
      ]);
      this.#current = reading.catch(() => undefined);
      return (await reading).flatMap((text) => text.split('\n').slice(1));
    });
    return this.#next;
  }
}

/** A mapped IPv4 address in tcp6, written as tcp writes the plain one. */
function plain(entry: string): string {
  return entry.startsWith(MAPPED_PREFIX) ? entry.slice(MAPPED_PREFIX.length) : entry;
}

/** `ip:port` as the tables write it: 32-bit words in the machine's byte order, in hexadecimal. */
function endpoint(ip: string, port: number): string | null {
  const bytes = addressBytes(ip);
  if (bytes === null) return null;
  if (endianness() === 'LE') bytes.swap32();
  const hexPort = port.toString(16).padStart(4, '0');
  return plain(`${bytes.toString('hex')}:${hexPort}`.toUpperCase());
}

function addressBytes(ip: string): Buffer | null {
  switch (isIP(ip)) {
    case 4:
      return Buffer.from(ip.split('.').map(Number));
    case 6:
      return ipv6Bytes(ip);
    default:
      return null;
  }
}

function ipv6Bytes(ip: string): Buffer {
  const [head = '', tail] = ip.replace(/%.*$/, '').split('::');
  const words = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const first = words(head);
  const last = tail === undefined ? [] : words(tail);
  const zeros = new Array<number>(8 - first.length - last.length).fill(0);
  const bytes = Buffer.alloc(16);
  [...first, ...zeros, ...last].forEach((word, index) => bytes.writeUInt16BE(word, index * 2));
  return bytes;
}
