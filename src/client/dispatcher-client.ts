import { Errno } from '../common/portable.js';
import { DEFAULT_BACK_OFF } from './back-off.js';
import { type CallArguments, type CallOptions, requestItems, requestOnce } from './calls.js';
import { notConnected } from './client-error.js';
import type { Account, ConnectionState } from './connection-state.js';
import { EventClient } from './events/event-client.js';
import { EventHub } from './events/event-hub.js';
import { Link } from './link.js';
import type { Login } from './login.js';
import type { DispatcherClientOptions } from './options.js';
import { isUp, requestRepeatedly } from './repeat.js';
import { Session } from './session.js';
import { socketConstructor } from './socket.js';
import { TaskClient } from './tasks/task-client.js';
import { codecOf } from './value-form.js';
import type { Wire, WireRequest } from './wire.js';

/** Answers what the server asks of a client; see `serve` of `dispatcher/client/serve`. */
export interface RequestAnswerer {
  /** Somebody logged in, on a new connection or anew on an old one. */
  onLogin(wire: Wire): void;
  onRequest(wire: Wire, request: WireRequest): void;
  /** The connection went. */
  onLost(): void;
}

export interface ConnectOptions {
  /** Also the first attempt is repeated until it succeeds. Without it, it fails if nobody answers. */
  readonly retry?: boolean;
  /** Stops the waiting, and the attempts with it. */
  readonly signal?: AbortSignal;
}

/**
 * A client of the dispatcher, for browsers and Node. Once connected it stays so: it comes back after
 * a lost connection, logs in again by its newest token, and goes on with the events exactly where it
 * stopped.
 *
 * @example
 * const client = new DispatcherClient({ url: 'ws://127.0.0.1:5000/socket' });
 * await client.connect();
 * await client.login({ kind: 'password', username: 'ada', password });
 * client.events.on('system.load.tick', ({ args }) => console.log(args));
 * console.log(await client.call('system.info'));
 * client.close();
 */
export class DispatcherClient {
  /** Subscriptions, and the publishing of events. */
  readonly events: EventClient;
  /** Submitting and following tasks. */
  readonly tasks: TaskClient;
  readonly #link: Link;
  readonly #session: Session;
  readonly #hub = new EventHub();
  readonly #callTimeoutMs: number | null;
  #answerer: RequestAnswerer | null = null;

  /** @throws DispatcherClientError EOPNOTSUPP where there is no WebSocket and none was passed in */
  constructor(options: DispatcherClientOptions) {
    const { heartbeatMs = 30_000, credentials = null, strictValidation = false } = options;
    const { connectTimeoutMs = 10_000 } = options;
    const features = ['streaming_responses', 'event_bursts'];
    this.#session = new Session({
      credentials,
      answerTimeoutMs: connectTimeoutMs,
      features: strictValidation ? [...features, 'strict_validation'] : features,
    });
    this.#link = new Link(
      {
        url: options.url,
        webSocket: socketConstructor(options.webSocket),
        codec: codecOf(options.values ?? 'native'),
        backOff: { ...DEFAULT_BACK_OFF, ...options.backOff },
        connectTimeoutMs,
        heartbeatMs,
        random: options.random ?? Math.random,
      },
      {
        greet: (wire) => this.#greet(wire),
        onEvent: (event) => this.#hub.receive(event),
        onLogout: (reason) => this.#session.onLogout(reason),
        onRequest: (wire, request) => {
          if (this.#answerer === null) refuse(wire, request);
          else this.#answerer.onRequest(wire, request);
        },
        onLost: (code) => {
          this.#answerer?.onLost();
          this.#hub.detach();
          this.#session.onLost(code);
        },
        ping: (wire, onAnswer) => this.#hub.refresh(wire, onAnswer),
      },
    );
    this.#callTimeoutMs = options.callTimeoutMs ?? null;
    this.events = new EventClient(this.#hub);
    this.tasks = new TaskClient(this);
  }

  /** Where the client stands; {@link DispatcherClient.onState} tells of every change. */
  get state(): ConnectionState {
    return this.#link.state;
  }

  /** Who is logged in now. */
  get account(): Account | null {
    return this.#session.account;
  }

  /** The newest token, for a login without a password later on; null when there is none. */
  get token(): string | null {
    return this.#session.token;
  }

  /** Tells of every change of {@link DispatcherClient.state}; returns what ends that. */
  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#link.states.add(listener);
  }

  /**
   * Tells of every new token (null: the last one is worth nothing any more), to be kept where a page
   * that is loaded again finds it. Returns what ends that.
   *
   * @example
   * client.onToken((token) => {
   *   if (token === null) sessionStorage.removeItem('token');
   *   else sessionStorage.setItem('token', token);
   * });
   */
  onToken(listener: (token: string | null) => void): () => void {
    return this.#session.tokens.add(listener);
  }

  /** The server ended the login, and says why; it hangs up next. Returns what ends the telling. */
  onLogout(listener: (reason: string) => void): () => void {
    return this.#session.logouts.add(listener);
  }

  /**
   * Connects, and logs in where `credentials` gives a login. Does nothing but wait when that is under
   * way already; skips the wait when the next attempt is being waited for.
   *
   * @returns the state that was reached: `authenticated`, or `open` when somebody has to log in, also
   *   because a token of `credentials` has expired (`loginEnded` says so)
   * @throws DispatcherClientError ECONNABORTED when nobody answers, ECANCELED by the signal, EACCES
   *   when the server refuses the login that `credentials` gave; the client is closed then
   */
  async connect({ retry = false, signal }: ConnectOptions = {}): Promise<ConnectionState> {
    this.#link.start(retry);
    try {
      const state = await this.#link.reached(isUp, signal);
      const { refusal } = this.#session;
      if (state.kind === 'open' && refusal !== null) throw refusal;
      return state;
    } catch (error) {
      if (signal?.aborted === true) this.close('connect() was canceled');
      else if (error === this.#session.refusal) this.close('The login was refused');
      throw error;
    }
  }

  /** Resolves when somebody is logged in, at once if so; rejects when the client is closed. */
  async ready(signal?: AbortSignal): Promise<Account> {
    await this.#link.reached(({ kind }) => kind === 'authenticated', signal);
    return this.#session.account ?? this.ready(signal);
  }

  /**
   * Logs in on the open connection; a second login replaces the first.
   *
   * @throws DispatcherClientError EACCES when it is refused, EBUSY when there were too many attempts
   */
  async login(login: Login, options?: CallOptions): Promise<Account> {
    const { wire } = this.#link;
    if (wire === null) throw notConnected();
    const account = await this.#session.login(wire, login, options);
    this.#enter(wire, account);
    return account;
  }

  /**
   * Calls a method; resolves with its result. The items of a stream are collected into an array, see
   * {@link DispatcherClient.stream} to have them one by one.
   *
   * @param args - by position, or an object of named ones
   * @throws DispatcherClientError what the server answered; ECONNABORTED when the connection is not
   *   there or went before the answer (an `idempotent` call waits and is repeated instead); ECANCELED,
   *   ETIMEDOUT
   *
   * @example
   * const rows = await client.call<User[]>('account.query', [[['username', '~', '^a']]]);
   * const answer = await client.call('math.divide', { dividend: 6, divisor: 3 }, { timeoutMs: 500 });
   */
  async call<Result = unknown>(
    method: string,
    args: CallArguments = [],
    options: CallOptions = {},
  ): Promise<Result> {
    const limited = this.#limited(options);
    const answer =
      options.idempotent === true
        ? requestRepeatedly(this.#link, () => this.#callRequest(method, args, options), limited)
        : requestOnce(this.#callRequest(method, args, options), limited);
    return (await answer) as Result;
  }

  /**
   * Calls a method and gives the items of its answer as they come; a result that is no array is one
   * item. The server produces no faster than the loop takes, and stops when the loop is left.
   *
   * @throws DispatcherClientError as {@link DispatcherClient.call} does
   *
   * @example
   * for await (const line of client.stream<string>('log.follow', [], { signal })) console.log(line);
   */
  async *stream<Item = unknown>(
    method: string,
    args: CallArguments = [],
    options: CallOptions = {},
  ): AsyncGenerator<Item, void, undefined> {
    for await (const item of requestItems(this.#callRequest(method, args, options), options)) {
      yield item as Item;
    }
  }

  /**
   * Hangs up, for good until {@link DispatcherClient.connect}. Calls in flight reject with
   * ECONNABORTED; subscriptions and the token are kept.
   */
  close(reason = 'close() was called'): void {
    this.#hub.close();
    this.#link.stop(reason);
  }

  /** Hangs up and forgets the login: the next connection begins as a stranger. */
  logout(): void {
    this.#session.forget();
    this.close('logout() was called');
  }

  /** @internal For `serve`: who answers what the server asks of this client. */
  answerRequests(answerer: RequestAnswerer): void {
    this.#answerer = answerer;
  }

  /** @internal For `serve`. @throws (rejects with) DispatcherClientError ECONNABORTED while nobody is logged in */
  async withWire<T>(use: (wire: Wire) => Promise<T>): Promise<T> {
    const { wire } = this.#link;
    if (wire === null || this.account === null) throw notConnected();
    return use(wire);
  }

  async #greet(wire: Wire): Promise<ConnectionState> {
    const account = await this.#session.restore(wire);
    if (account === null) return { kind: 'open', loginEnded: this.#session.endedBecause };
    if (wire.isOpen) this.#attach(wire);
    return { kind: 'authenticated', account };
  }

  #enter(wire: Wire, account: Account): void {
    if (!wire.isOpen) return;
    this.#attach(wire);
    this.#link.enter(wire, { kind: 'authenticated', account });
  }

  #attach(wire: Wire): void {
    this.#hub.attach(wire);
    this.#answerer?.onLogin(wire);
  }

  #callRequest(method: string, args: CallArguments, { node }: CallOptions) {
    return {
      wire: this.#link.wire,
      what: `Call of ${method}`,
      name: 'call',
      args: { method, args, node },
    };
  }

  #limited(options: CallOptions): CallOptions {
    const { timeoutMs = this.#callTimeoutMs } = options;
    return { ...options, timeoutMs };
  }
}

/** This client offers no methods; a server that asks for one is told so instead of left waiting. */
function refuse(wire: Wire, { name, id }: WireRequest): void {
  if (name === 'call') wire.refuse(id, { code: Errno.ENOENT, message: 'Method not found' });
}
