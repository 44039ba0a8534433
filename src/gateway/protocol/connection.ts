import {
  ANONYMOUS,
  type AuthorisedSender,
  type ChangingSender,
  type Principal,
  type Rights,
} from '../../auth/index.js';
import { coded, type RpcException } from '../../common/index.js';
import {
  type Call,
  type PipelineCallOptions,
  type EndingSender,
  mayCall,
} from '../../rpc/index.js';
import type { Sender } from '../../sdk/index.js';
import type { GatewaySocket, FrameBatch, Outbox, Peer, SocketOwner } from '../transport/index.js';
import { ActiveCalls } from './active-calls.js';
import type { Dialect } from './dialect.js';
import type { Feature } from './features.js';
import type { Frame, FrameId } from './frame.js';
import { type OutgoingCallOptions, OutgoingCalls } from './outgoing-calls.js';

/** Close codes of the application's own range (RFC 6455, section 7.4.2). */
export const CloseCode = { loggedOut: 4_001, loginTimeout: 4_008 } as const;

/** The contract's, for answers that the server makes of its own. */
const MAX_ANSWER_BYTES = 32 * 1_024 * 1_024;

/** Frames before login that make no sense, until whoever sends them is shown out. */
const MAX_FAULTS_BEFORE_LOGIN = 16;
const POLICY_VIOLATION = 1_008;

/** How long something lasts that a client was given. */
type Lease = 'login' | 'connection';

/** What a login comes with besides the principal. */
export interface LoginDetails {
  readonly sessionId: number;
  /** Under which key its token is remembered; null without one. */
  readonly tokenKey: string | null;
  /** What the client says it is. */
  readonly resource: string | null;
}

/**
 * Who is logged in, for as long as it is the same user: also a call that is running when the roles of
 * that user change, or when it logs in once more, has the new ones.
 */
class Standing {
  constructor(public principal: Principal) {}
}

/** Who a call comes from, with the way back to the connection for the services that need it. */
export class ConnectionSender implements AuthorisedSender, EndingSender, ChangingSender {
  constructor(
    readonly connection: Connection,
    readonly standing: Standing,
    readonly sessionId: number | null,
  ) {}

  get principal(): Principal {
    return this.standing.principal;
  }

  get holder(): object {
    return this.connection;
  }

  onEnded(listener: () => void): () => void {
    return this.connection.onClosed(listener);
  }

  onRightsChanged(listener: (present: Sender) => void): () => void {
    return this.connection.onRightsChanged(listener);
  }

  get kind(): Sender['kind'] {
    return this.principal.kind;
  }

  get user(): string | null {
    return this.principal.name;
  }

  get roles(): readonly string[] {
    return this.principal.roles;
  }

  get rights(): Rights {
    return this.principal.rights;
  }

  get address(): string {
    return this.connection.peer.address;
  }
}

/**
 * One client: who it is, what it waits for, what it was given. Holds state and sends; what a frame means
 * is decided by the frame dispatcher.
 */
export class Connection implements SocketOwner {
  readonly calls = new ActiveCalls();
  readonly masks = new Set<string>();
  readonly #features = new Set<Feature>();
  #callOptions: PipelineCallOptions = {};
  #sender: ConnectionSender;
  #tokenKey: string | null = null;
  #resource: string | null = null;
  /** Ends what a login that is in progress waits for; null while none is. */
  #loginInProgress: AbortController | null = null;
  #faults = 0;
  // most clients offer nothing and hold nothing: what only services need is made when it is asked for
  #outgoing: OutgoingCalls | null = null;
  #endings: Map<() => void, Lease> | null = null;
  #rightsListeners: Set<(present: Sender) => void> | null = null;
  #hasEnded = false;

  constructor(
    readonly socket: GatewaySocket,
    readonly dialect: Dialect,
  ) {
    this.#sender = new ConnectionSender(this, new Standing(ANONYMOUS), null);
    socket.outbox.setEventForm(dialect.eventForm);
  }

  /** Who it is now; another login makes another one. */
  get sender(): ConnectionSender {
    return this.#sender;
  }

  get peer(): Peer {
    return this.socket.peer;
  }

  get outbox(): Outbox {
    return this.socket.outbox;
  }

  get isLoggedIn(): boolean {
    return this.#sender.kind !== 'anonymous';
  }

  get isOpen(): boolean {
    return this.socket.isOpen;
  }

  /** Under which key the token of the present login is remembered; null without one. */
  get tokenKey(): string | null {
    return this.#tokenKey;
  }

  get resource(): string | null {
    return this.#resource;
  }

  get features(): ReadonlySet<Feature> {
    return this.#features;
  }

  get callOptions(): PipelineCallOptions {
    return this.#callOptions;
  }

  /** Then it has come in time: that it has to wait for its turn is no fault of the client's. */
  get isLoggingIn(): boolean {
    return this.#loginInProgress !== null;
  }

  /**
   * Calls a method that the client offers. Resolves with its result, or with an async iterable of
   * its items when it streams them.
   *
   * @throws (rejects with) RpcException the client's own error; ECONNABORTED when the connection goes
   */
  call(method: string, args: unknown, options: OutgoingCallOptions): Promise<unknown> {
    if (!this.isOpen || !this.dialect.takesCalls) return Promise.reject(coded('SERVICE_GONE'));
    this.#outgoing ??= new OutgoingCalls((frame) => this.send(frame));
    return this.#outgoing.call(method, args, options);
  }

  /** An answer of the client's to a call of the server's; anything else is dropped. */
  receiveOutcome(frame: Frame): void {
    this.#outgoing?.receive(frame);
  }

  /** Calls back once, when the connection has closed; the returned function takes that back. */
  onClosed(listener: () => void): () => void {
    return this.#onEnd('connection', listener);
  }

  /** Calls back once, when another login replaced the present one or the connection has closed. */
  onLoginEnded(listener: () => void): () => void {
    return this.#onEnd('login', listener);
  }

  /** Calls back each time the rights behind the connection have changed; returns what ends that. */
  onRightsChanged(listener: (present: Sender) => void): () => void {
    const listeners = (this.#rightsListeners ??= new Set());
    const entry = (present: Sender): void => listener(present);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  /** A login. What another user has running here ends with that one's. */
  setPrincipal(principal: Principal, { sessionId, tokenKey, resource }: LoginDetails): void {
    this.#end('login');
    const { standing } = this.#sender;
    const isSame = isSameCaller(standing.principal, principal);
    if (!isSame && this.isLoggedIn) {
      this.#endCalls();
      // what the one was asked, the other must not answer
      this.#outgoing?.end(coded('SERVICE_GONE'));
    }
    const present = isSame ? standing : new Standing(principal);
    this.#sender = new ConnectionSender(this, present, sessionId);
    this.changeRights(principal);
    this.#tokenKey = tokenKey;
    this.#resource = resource;
  }

  /** The same login goes on with another token. */
  renewToken(key: string | null): void {
    this.#tokenKey = key;
  }

  /** Other rights of the same user: what runs is judged again. */
  changeRights(principal: Principal): void {
    this.#sender.standing.principal = principal;
    if (this.calls.size > 0) this.#endForbiddenCalls();
    for (const listener of [...(this.#rightsListeners ?? [])]) listener(this.#sender);
  }

  /** What it waits for ends with the connection; null when that went while the login was decided. */
  async decideLogin<T>(decide: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const controller = new AbortController();
    this.#loginInProgress = controller;
    try {
      const decision = await decide(controller.signal);
      return this.isOpen ? decision : null;
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    } finally {
      this.#loginInProgress = null;
    }
  }

  /** @throws RpcException EINVAL for a feature that the connection's dialect has no words for */
  enable(feature: Feature): void {
    if (this.dialect.withheldFeatures.has(feature)) throw coded('INVALID_FEATURE', { feature });
    this.#features.add(feature);
    if (feature === 'event_bursts') this.outbox.setEventForm('burst');
    this.#callOptions = {
      isStrict: this.#features.has('strict_validation'),
      wantsStream: this.#features.has('streaming_responses'),
    };
  }

  /** @param frame - null is nothing to send */
  send(frame: string | Buffer | null): void {
    if (frame !== null && this.isOpen) this.outbox.push(frame);
  }

  /**
   * @throws RpcException EOVERFLOW for a value of more than `maxBytes` of text; RangeError or TypeError
   *   for one that has no JSON form
   */
  respond(id: FrameId, value: unknown, maxBytes: number = MAX_ANSWER_BYTES): void {
    this.send(this.dialect.response(id, value, maxBytes));
  }

  /** @param event - the one object for all connections that get the event */
  sendEvent(event: FrameBatch): void {
    if (this.isOpen) this.outbox.pushEvent(event);
  }

  fail(id: FrameId, error: RpcException): void {
    this.send(this.dialect.error(id, error));
  }

  /** While a login is in progress no later frame is looked at. @param pending - never rejects */
  holdBackFor(pending: Promise<void>): Promise<void> {
    return this.socket.holdBackFor(pending);
  }

  /** The server goes: who is logged in is told so in a frame too. */
  sayGoodbye(code: number, reason: string): void {
    if (this.isLoggedIn) this.send(this.dialect.logout(reason));
    this.close(code, reason);
  }

  /** At once, and not only when the client has answered the goodbye, which it need not. */
  logout(reason: string): void {
    if (!this.isOpen) return;
    this.#endCalls();
    this.send(this.dialect.logout(reason));
    this.close(CloseCode.loggedOut, reason);
    this.#release();
  }

  /** Sends what is queued, then says goodbye. */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  /** A frame made no sense. A stranger may send a few of those, and is shown out when it goes on. */
  countFault(): void {
    if (this.isLoggedIn) return;
    this.#faults += 1;
    if (this.#faults > MAX_FAULTS_BEFORE_LOGIN) {
      this.close(POLICY_VIOLATION, 'Too many invalid frames before login');
    }
  }

  /** Once the socket is closed. */
  end(): void {
    this.#loginInProgress?.abort();
    this.#release();
  }

  /** Nobody works for this client any more, and nobody waits for it. */
  #release(): void {
    // most connections end with no call: an error, with its stack, is not made for those
    if (this.calls.size > 0) this.calls.cancelAll(coded('CALL_CANCELED'));
    this.#outgoing?.end(coded('SERVICE_GONE'));
    this.#hasEnded = true;
    this.#end('login');
    this.#end('connection');
  }

  /** Everything that runs: whoever asked for it is there no more. */
  #endCalls(): void {
    const reason = coded('LOGIN_ENDED');
    this.calls.end({ reason, isConcerned: () => true, fail: (id) => this.fail(id, reason) });
  }

  /**
   * What the caller may not call any more. A call that still waits for its service is judged when its turn
   * comes.
   */
  #endForbiddenCalls(): void {
    const reason = coded('INSUFFICIENT_PRIVILEGES');
    const isConcerned = ({ access }: Call): boolean =>
      access !== null && !mayCall(access, this.#sender);
    this.calls.end({ reason, isConcerned, fail: (id) => this.fail(id, reason) });
  }

  #onEnd(lease: Lease, listener: () => void): () => void {
    if (this.#hasEnded) {
      listener();
      return () => undefined;
    }
    const entry = (): void => listener();
    const endings = (this.#endings ??= new Map<() => void, Lease>());
    endings.set(entry, lease);
    return () => void endings.delete(entry);
  }

  #end(lease: Lease): void {
    for (const [listener, until] of this.#endings ?? []) {
      if (until !== lease) continue;
      this.#endings?.delete(listener);
      listener();
    }
  }
}

/** The same user or service, whatever rights it has by now. */
export function isSameCaller(one: Principal, other: Principal): boolean {
  return one.kind === other.kind && one.name === other.name;
}
