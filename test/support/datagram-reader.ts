import { closeSync, existsSync, unlinkSync } from 'node:fs';
import koffi from 'koffi';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const MAX_BYTES = 200_000;
const POLL_MS = 20;

const libc = koffi.load(null);
const socket = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, const void *, uint32_t)');
const recv = libc.func('intptr_t recv(int, _Out_ void *, size_t, int)');

/** Stands where a system's daemon reads datagrams: the journal, the service manager, a syslog. */
export class DatagramReader {
  readonly received: string[] = [];
  /** When each of them came, by `performance.now()`. */
  readonly arrivals: number[] = [];
  readonly #fd: number;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly path: string) {
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(`${path}\0`)]);
    this.#fd = socket(AF_UNIX, SOCK_DGRAM, 0) as number;
    if (bind(this.#fd, address, address.length) !== 0) throw new Error(`Cannot bind ${path}`);
    this.#timer = setInterval(() => this.#read(), POLL_MS);
  }

  /** As a daemon that was stopped: with its socket file. */
  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#fd);
    if (existsSync(this.path)) unlinkSync(this.path);
  }

  #read(): void {
    const buffer = Buffer.alloc(MAX_BYTES);
    for (;;) {
      const length = Number(recv(this.#fd, buffer, buffer.length, MSG_DONTWAIT));
      if (length < 0) return;
      this.received.push(buffer.subarray(0, length).toString());
      this.arrivals.push(performance.now());
    }
  }
}
