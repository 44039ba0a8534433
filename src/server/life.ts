import { messageOf } from '../common/index.js';
import type { LogFields } from '../sdk/index.js';

/** What has a life: the dispatcher, or another program that stays. */
export interface LivingServer {
  reloadPlugins(): Promise<void>;
  /** Resolves when nothing is left running. */
  close(): Promise<void>;
}

/** What the life of the server needs of the process it fills. */
export interface LifeOptions<S extends LivingServer> {
  /** Ends the process at once. */
  readonly exit: (status: number) => void;
  /** Writes a line on why the server ends. */
  readonly fatal: (message: string, fields?: LogFields) => void;
  /** Keeps what is known of an error that nothing caught; returns what to add to the line on it. */
  readonly report?: (error: unknown) => LogFields;
  /** Reads again what can be read again; not given: the plugins. Rejects never. */
  readonly reload?: (server: S) => Promise<void>;
  /** Is told how the server does. */
  readonly watcher?: LifeWatcher<S>;
}

interface LifeWatcher<S> {
  ready(server: S): void;
  reloading(): void;
  reloaded(): void;
  stopping(): void;
}

type State<S> =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly server: S }
  | { readonly kind: 'ending' };

/** Exit status of a process that a signal ended, as a shell reports it. */
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;
const EXIT_FAILED = 1;
/** How long a start may still take that is to be followed by the end. */
const START_DEADLINE_MS = 60_000;
/** Longer than one plugin that hangs is waited for (its calls, its sources, its cleanup: 20 s). */
const CLOSE_DEADLINE_MS = 30_000;

/**
 * From the start of the server to the exit of its process:
 *
 *     starting ── started ──▶ running ── end ──▶ ending ── closed, or too late ──▶ exit
 *         └──────── end: closes as soon as it has started ────────┘
 *
 * Whatever arrives while the server starts is kept until it can be done: half a server can neither
 * say goodbye nor read its plugins again.
 */
export class ServerLife<S extends LivingServer> {
  #state: State<S> = { kind: 'starting' };
  #status = 0;
  #signals = 0;
  #isReloadDue = false;
  #deadline: NodeJS.Timeout | null = null;
  readonly #ending = new AbortController();

  constructor(private readonly options: LifeOptions<S>) {}

  /**
   * Starts the server.
   *
   * @param start - gets a signal that fires when the end is asked for meanwhile: a start that still waits
   *   for something gives up with the signal's reason, any other goes on and is followed by the end
   * @returns null when its end was asked for meanwhile
   * @throws whatever `start` throws
   */
  async begin(start: (ending: AbortSignal) => Promise<S>): Promise<S | null> {
    const { signal } = this.#ending;
    const server = await start(signal).catch((error: unknown) => {
      if (!signal.aborted || error !== signal.reason) throw error;
      return null;
    });
    if (server === null) {
      this.options.exit(this.#status);
      return null;
    }
    if (this.#state.kind === 'ending') {
      this.#close(server);
      return null;
    }
    this.#state = { kind: 'running', server };
    this.options.watcher?.ready(server);
    if (this.#isReloadDue) this.reload();
    return server;
  }

  /** Ends the server in good order; further requests change nothing but may make the status worse. */
  end(status = 0): void {
    this.#status = Math.max(this.#status, status);
    const before = this.#state;
    if (before.kind === 'ending') return;
    this.#state = { kind: 'ending' };
    this.options.watcher?.stopping();
    if (before.kind === 'running') this.#close(before.server);
    else this.#exitAfter(START_DEADLINE_MS, 'finish its start');
    this.#ending.abort();
  }

  /** The first signal ends the server in good order, the second at once. */
  receive(signal: keyof typeof SIGNAL_STATUS): void {
    this.#signals += 1;
    if (this.#signals === 1) this.end();
    else this.options.exit(SIGNAL_STATUS[signal]);
  }

  /** Nobody knows in what state an error that nobody caught has left the server: it ends. */
  crash(error: unknown): void {
    const known = this.options.report?.(error);
    this.options.fatal('The server ends because of an error that nothing caught', {
      error,
      ...known,
    });
    this.end(EXIT_FAILED);
  }

  /** Everything it could still do would be done beside the server that has taken over. */
  abandon(reason: string): void {
    this.options.fatal(`${reason}: this server ends at once`);
    this.options.exit(EXIT_FAILED);
  }

  /** Reads plugins and certificates again from disk: now, or when the server has started. */
  reload(): void {
    if (this.#state.kind === 'starting') this.#isReloadDue = true;
    if (this.#state.kind !== 'running') return;
    const { reload = reloadPlugins, watcher } = this.options;
    watcher?.reloading();
    void reload(this.#state.server).then(() => watcher?.reloaded());
  }

  #close(server: LivingServer): void {
    this.#exitAfter(CLOSE_DEADLINE_MS, 'stop');
    server.close().then(
      () => this.options.exit(this.#status),
      (error: unknown) => {
        this.options.fatal(`The server did not stop in good order: ${messageOf(error)}`, { error });
        this.options.exit(EXIT_FAILED);
      },
    );
  }

  #exitAfter(delayMs: number, deed: string): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.options.fatal(`The server did not ${deed} within ${delayMs / 1_000} s: it ends at once`);
      this.options.exit(EXIT_FAILED);
    }, delayMs);
  }
}

async function reloadPlugins(server: LivingServer): Promise<void> {
  await server.reloadPlugins().catch(() => undefined); // the plugin host has logged each failure
}
