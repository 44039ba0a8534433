import { Errno, messageOf, onAbort } from '../common/portable.js';
import { type BackOffOptions, backOffMs } from './back-off.js';
import { canceled, DispatcherClientError } from './client-error.js';
import type { ConnectionState } from './connection-state.js';
import { Heartbeat } from './heartbeat.js';
import { Observers } from './observers.js';
import type { ClientSocketConstructor } from './socket.js';
import type { ValueCodec } from './value-form.js';
import { onWakeUp } from './wake-up.js';
import { Wire, type WireEvent, type WireRequest } from './wire.js';

export interface LinkOptions {
  readonly url: string;
  readonly webSocket: ClientSocketConstructor;
  readonly codec: ValueCodec;
  readonly backOff: BackOffOptions;
  readonly connectTimeoutMs: number;
  readonly heartbeatMs: number | null;
  readonly random: () => number;
}

/** What the parts of the client do as the link comes and goes. */
export interface LinkHandlers {
  /** A socket has opened: logs in again if it can. What it throws closes the socket. */
  greet(wire: Wire): Promise<ConnectionState>;
  onEvent(event: WireEvent): void;
  onLogout(reason: string): void;
  onLost(code: number): void;
  /** A frame by which the server asks something of this client. */
  onRequest(wire: Wire, request: WireRequest): void;
  /** Asks the server anything; answered or not is all that counts. */
  ping(wire: Wire, onAnswer: () => void): void;
}

const NEVER_OPENED: ConnectionState = { kind: 'closed', reason: 'connect() was not called' };

/** The connection as something lasting: one socket after another, with waits between. */
export class Link {
  readonly states = new Observers<ConnectionState>();
  readonly #heartbeat: Heartbeat;
  #state = NEVER_OPENED;
  #wire: Wire | null = null;
  /** Connections in a row that did not last. */
  #attempt = 0;
  #openedAtMs: number | null = null;
  /** False: the first attempt decides. */
  #isLasting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #forgetWakeUp: () => void = () => undefined;

  constructor(
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {
    this.#heartbeat = new Heartbeat(options.heartbeatMs, {
      ping: (wire, onAnswer) => handlers.ping(wire, onAnswer),
      onSilence: (wire) => this.#drop(wire, 'The server does not answer any more'),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The open socket; null while there is none. */
  get wire(): Wire | null {
    return this.#wire?.isOpen === true ? this.#wire : null;
  }

  /**
   * Begins; nothing when it has begun already.
   *
   * @param isLasting - true: also the first attempt is repeated until it succeeds
   */
  start(isLasting: boolean): void {
    if (this.#state.kind === 'reconnecting') this.#open();
    if (this.#state.kind !== 'closed') return;
    this.#isLasting = isLasting;
    this.#attempt = 0;
    this.#forgetWakeUp();
    this.#forgetWakeUp = onWakeUp(() => {
      if (this.#state.kind === 'reconnecting') this.#open();
    });
    this.#open();
  }

  stop(reason: string): void {
    clearTimeout(this.#timer);
    const wire = this.#wire;
    this.#wire = null;
    this.#heartbeat.stop();
    if (this.#state.kind !== 'closed') this.#enter({ kind: 'closed', reason });
    wire?.close(1_000, '');
  }

  /** The state, as soon as it is wanted; rejects when the link closes or the signal fires first. */
  reached(
    isWanted: (state: ConnectionState) => boolean,
    signal?: AbortSignal,
  ): Promise<ConnectionState> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        forgetState();
        forgetSignal();
        act();
      };
      const look = (state: ConnectionState): void => {
        if (isWanted(state)) settle(() => resolve(state));
        else if (state.kind === 'closed') settle(() => reject(closedError(state.reason)));
      };
      const giveUp = (): void => reject(canceled('Waiting for the connection', signal?.reason));
      if (signal?.aborted === true) {
        giveUp();
        return;
      }
      const forgetState = this.states.add(look);
      const forgetSignal = onAbort(signal, () => settle(giveUp));
      look(this.#state);
    });
  }

  /** Somebody logged in on the open socket, or nobody is any more. */
  enter(wire: Wire, state: ConnectionState): void {
    if (this.#wire !== wire) return;
    if (state.kind === 'authenticated') {
      this.#heartbeat.start(wire, state.account.tokenLifetimeSeconds);
    }
    this.#enter(state);
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#openedAtMs = null;
    this.#enter({ kind: 'connecting', attempt: this.#attempt + 1 });
    const { url, webSocket, codec, connectTimeoutMs } = this.options;
    let wire: Wire;
    try {
      wire = new Wire(new webSocket(url), codec, {
        onOpen: () => void this.#greet(wire),
        onEvent: (event) => this.handlers.onEvent(event),
        onLogout: (reason) => this.handlers.onLogout(reason),
        onRequest: (request) => this.handlers.onRequest(wire, request),
        onClose: (code, reason) => this.#lose(wire, code, reason),
      });
    } catch (error) {
      this.stop(`No socket to ${url}: ${messageOf(error)}`); // an address that is none stays none
      return;
    }
    this.#wire = wire;
    this.#timer = setTimeout(() => this.#drop(wire, 'Nobody answers'), connectTimeoutMs);
  }

  async #greet(wire: Wire): Promise<void> {
    if (this.#wire !== wire) return;
    clearTimeout(this.#timer);
    this.#openedAtMs = Date.now();
    this.#heartbeat.start(wire);
    try {
      const state = await this.handlers.greet(wire);
      this.#isLasting = true;
      this.enter(wire, state);
    } catch (error) {
      this.#drop(wire, messageOf(error));
    }
  }

  #drop(wire: Wire, reason: string): void {
    if (this.#wire !== wire) return;
    this.#lose(wire, 4_000, reason);
    wire.close(4_000, '');
  }

  #lose(wire: Wire, code: number, reason: string): void {
    if (this.#wire !== wire) return;
    this.#wire = null;
    this.#heartbeat.stop();
    clearTimeout(this.#timer);
    this.handlers.onLost(code);
    const why = reason === '' ? reasonOf(code, this.#openedAtMs !== null) : reason;
    if (!this.#isLasting) {
      this.#enter({ kind: 'closed', reason: `${this.options.url}: ${why}` });
      return;
    }
    this.#retryLater(why);
  }

  #retryLater(reason: string): void {
    const { backOff, random } = this.options;
    const wasStable = Date.now() - (this.#openedAtMs ?? Infinity) >= backOff.stableMs;
    this.#attempt = wasStable ? 1 : this.#attempt + 1;
    const delayMs = backOffMs(this.#attempt, backOff, random());
    this.#timer = setTimeout(() => this.#open(), delayMs);
    const retryAtMs = Date.now() + delayMs;
    this.#enter({ kind: 'reconnecting', attempt: this.#attempt, retryAtMs, reason });
  }

  #enter(state: ConnectionState): void {
    if (state.kind === 'closed') this.#forgetWakeUp();
    this.#state = state;
    this.states.tell(state);
  }
}

function reasonOf(code: number, hadOpened: boolean): string {
  return hadOpened ? `The connection ended (${code})` : 'Nobody answers there';
}

function closedError(reason: string): DispatcherClientError {
  return new DispatcherClientError(Errno.ECONNABORTED, `Not connected: ${reason}`);
}
