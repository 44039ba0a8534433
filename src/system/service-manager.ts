import { UnixDatagrams } from './unix-datagrams.js';

export interface ServiceManagerOptions {
  /** The environment as systemd set it: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Told once, when the service manager cannot be reached. */
  readonly onUnreachable: (reason: string) => void;
}

/** What systemd set for this process alone: a program that a plugin starts is not to speak for it. */
const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/**
 * Tells the service manager (systemd, by the protocol of sd_notify) how the server does, if one
 * asked for it. The watchdog is fed by a timer of the event loop, at half of the time it allows: a
 * loop that hangs feeds nobody.
 */
export class ServiceManager {
  readonly #socket: UnixDatagrams | null;
  readonly #options: ServiceManagerOptions;
  #watchdog: NodeJS.Timeout | null = null;
  #reloads = 0;
  #isStopping = false;
  #readyText = '';

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
    const path = options.env['NOTIFY_SOCKET'] ?? '';
    this.#socket = path === '' ? null : this.#reach(path);
    if (this.#socket !== null) this.#feedWatchdog();
  }

  /** Takes the variables out of an environment that children inherit. */
  static forget(env: Record<string, string | undefined>): void {
    for (const name of VARIABLES) Reflect.deleteProperty(env, name);
  }

  /** Clients can connect. */
  ready(status: string): void {
    this.#readyText = status;
    this.#tell('READY=1', `STATUS=${status}`);
  }

  reloading(): void {
    this.#reloads += 1;
    // without the time systemd could take the READY of an earlier reload for the end of this one
    const now = process.hrtime.bigint() / 1_000n;
    this.#tell(
      'RELOADING=1',
      `MONOTONIC_USEC=${now}`,
      'STATUS=Reads plugins and certificates again',
    );
  }

  /** The latest of the reloads that overlap says that the server is ready again. */
  reloaded(): void {
    this.#reloads -= 1;
    if (this.#reloads === 0 && !this.#isStopping) this.ready(this.#readyText);
  }

  stopping(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#tell('STOPPING=1', 'STATUS=Stops');
  }

  close(): void {
    if (this.#watchdog !== null) clearInterval(this.#watchdog);
    this.#socket?.close();
  }

  #reach(path: string): UnixDatagrams | null {
    try {
      const socket = UnixDatagrams.to(path);
      const obstacle = socket.obstacle();
      if (obstacle === null) return socket;
      this.#options.onUnreachable(obstacle);
    } catch (error) {
      this.#options.onUnreachable((error as Error).message);
    }
    return null;
  }

  #feedWatchdog(): void {
    const { env, pid } = this.#options;
    const microseconds = Number(env['WATCHDOG_USEC'] ?? 0);
    const isOurs = Number(env['WATCHDOG_PID'] ?? pid) === pid;
    if (!(microseconds > 0) || !isOurs) return;
    const feed = (): void => this.#tell('WATCHDOG=1');
    feed();
    this.#watchdog = setInterval(feed, microseconds / 2_000).unref();
  }

  #tell(...lines: readonly string[]): void {
    this.#socket?.send(Buffer.from(lines.join('\n')));
  }
}
