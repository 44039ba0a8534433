import { closeSync } from 'node:fs';
import { constants, endianness } from 'node:os';
import { type Libc, libc } from './libc.js';

/** Linux's own numbers, the same on every architecture that Node.js runs on but MIPS. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2_000_000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** `full`: the reader is slow, try later. `gone`: nobody reads there. `too-long`: never as a whole. */
export type SendOutcome = 'sent' | 'full' | 'gone' | 'too-long';

const OUTCOMES: ReadonlyMap<number, SendOutcome> = new Map([
  [constants.errno.EAGAIN, 'full'],
  [constants.errno.ENOBUFS, 'full'],
  [constants.errno.EMSGSIZE, 'too-long'],
]);

const REASONS: ReadonlyMap<number, string> = new Map([
  [constants.errno.ENOENT, 'it is not there'],
  [constants.errno.ECONNREFUSED, 'nobody reads it'],
  [constants.errno.EACCES, 'permission denied'],
  [constants.errno.ENOTSOCK, 'it is no socket'],
  [constants.errno.EPROTOTYPE, 'it is no socket for datagrams'],
]);

/**
 * Sends datagrams to a unix socket: to the system log, to the service manager. The path is looked up
 * for each of them, so that a reader that was started again is found without further ado; nothing
 * here ever waits.
 */
export class UnixDatagrams {
  readonly #address: Buffer;
  #fd = -1;

  private constructor(
    private readonly calls: Libc,
    /** A path, or a name of Linux's abstract space behind an `@`. */
    readonly path: string,
  ) {
    this.#address = addressOf(path);
  }

  /** @throws Error with the reason when this platform or installation cannot send datagrams */
  static to(path: string): UnixDatagrams {
    if (process.platform !== 'linux') throw new Error('it can be reached on Linux only');
    const calls = libc();
    if (calls === null) {
      throw new Error('the optional package koffi, which reaches it, is not installed (npm ci)');
    }
    return new UnixDatagrams(calls, path);
  }

  /** Why nothing can be sent at this moment; null when it can. Sends nothing. */
  obstacle(): string | null {
    const fd = this.#open();
    const failed = this.calls.connect(fd, this.#address, this.#address.length) !== 0;
    const code = this.calls.errno();
    this.close(); // a socket that is connected would stay with a reader that has gone
    return failed ? (REASONS.get(code) ?? `error ${code}`) : null;
  }

  send(message: Buffer): SendOutcome {
    const fd = this.#open();
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const address = this.#address;
    const sent = this.calls.sendto(fd, message, message.length, flags, address, address.length);
    return sent >= 0 ? 'sent' : (OUTCOMES.get(this.calls.errno()) ?? 'gone');
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #open(): number {
    if (this.#fd < 0) this.#fd = this.calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (this.#fd < 0) throw new Error(`No socket can be made (error ${this.calls.errno()})`);
    return this.#fd;
  }
}

/** `struct sockaddr_un`: the family in the machine's own byte order, then the path. */
function addressOf(path: string): Buffer {
  const isAbstract = path.startsWith('@');
  const name = isAbstract ? `\0${path.slice(1)}` : `${path}\0`;
  const family = Buffer.alloc(2);
  if (endianness() === 'LE') family.writeUInt16LE(AF_UNIX);
  else family.writeUInt16BE(AF_UNIX);
  return Buffer.concat([family, Buffer.from(name)]);
}
