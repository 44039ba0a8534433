import type { Duplex } from 'node:stream';
import {
  ANONYMOUS,
  type AuthorisedSender,
  type ChangingSender,
  type Principal,
  type Rights,
} from '../auth/index.js';
import { coded, type RpcException } from '../common/index.js';
import type { Call, CallOptions, EndingSender } from '../rpc/index.js';
import type { Sender } from '../sdk/index.js';
import type { CallStream } from './call-stream.js';
import type { EventBatch } from './event-batch.js';
import type { Dialect } from './dialect.js';
import type { Frame, FrameId } from './frame.codec.js';
import { endAllCalls, endForbiddenCalls } from './judge-calls.js';
import { Outbox, type OutboxParts } from './outbox.js';
import { type OutgoingCallOptions, OutgoingCalls } from './outgoing-calls.js';
import type { Peer } from './peer.js';
import type { ServerWebSocket } from './web-socket.js';

/** Close codes of the application's own range (RFC 6455, section 7.4.2). */
export const CloseCode = { loggedOut: 4_001, loginTimeout: 4_008 } as const;

/** The contract's, for answers that the server makes of its own. */
const MAX_ANSWER_BYTES = 32 * 1_024 * 1_024;

export const FEATURES = ['streaming_responses', 'strict_validation', 'event_bursts'] as const;
export type Feature = (typeof FEATURES)[number];

/** A call that has not been answered, or a stream that has not been drained. */
export interface ActiveCall {
  readonly call: Call;
  stream: CallStream | null;
}

/** Frames before login that make no sense, until whoever sends them is shown out. */
const MAX_FAULTS_BEFORE_LOGIN = 16;
const POLICY_VIOLATION = 1_008;

const UNREAD: MessageReader = { pause: () => undefined, resume: () => undefined };

/** How long something lasts that a client was given. */
type Lease = 'login' | 'connection';

/**
 * Who is logged in, for as long as it is the same user: also a call that is running when the roles of
 * that user change, or when it logs in once more, has the new ones.
 */
class Standing {
  constructor(public principal: Principal) {}
}

/** Stops and starts the delivery of messages, between any two of them. */
export interface MessageReader {
  pause(): void;
  resume(): void;
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

export interface ConnectionParts {
  readonly id: number;
  readonly webSocket: ServerWebSocket;
  readonly socket: Duplex;
  readonly peer: Peer;
  readonly dialect: Dialect;
  readonly outbox: OutboxParts;
}

/**
 * One client: its socket, who it is, what it waits for. Holds state and sends; what a frame means is
 * decided by the frame dispatcher.
 */
export class Connection {
  readonly id: number;
  readonly peer: Peer;
  readonly webSocket: ServerWebSocket;
  readonly dialect: Dialect;
  readonly calls = new Map<FrameId, ActiveCall>();
  readonly masks = new Set<string>();
  readonly features = new Set<Feature>();
  readonly outbox: Outbox;
  sender: ConnectionSender;
  callOptions: CallOptions = {};
  /** Under which key the token of the present login is remembered; null without one. */
  tokenKey: string | null = null;
  resource: string | null = null;
  /** Updated by every frame, from a clock that ticks once a second. */
  lastSeenMs: number;
  isAlive = true;
  /** How much had been sent at the last heartbeat. */
  sentBytesAtHeartbeat = 0;
  /** Heartbeats in a row at which it had taken nothing of what waits for it. */
  silentHeartbeats = 0;
  /** Methods of this client that have not ended, aborted ones included. */
  runningCalls = 0;
  /** What delivers messages; set by the hub as soon as there is a connection to read from. */
  reader: MessageReader = UNREAD;
  /** Ends what a login that is in progress waits for; null while none is. */
  loginInProgress: AbortController | null = null;
  #isHeld = false;
  #isClosing = false;
  #isReadingPaused = false;
  #faults = 0;
  // most clients offer nothing and hold nothing: what only services need is made when it is asked for
  #outgoing: OutgoingCalls | null = null;
  #endings: Map<() => void, Lease> | null = null;
  #rightsListeners: Set<(present: Sender) => void> | null = null;
  #hasEnded = false;

  constructor(
    parts: ConnectionParts,
    readonly openedAtMs: number,
  ) {
    this.id = parts.id;
    this.peer = parts.peer;
    this.webSocket = parts.webSocket;
    this.dialect = parts.dialect;
    this.lastSeenMs = openedAtMs;
    this.sender = new ConnectionSender(this, new Standing(ANONYMOUS), null);
    this.outbox = new Outbox(parts.socket, parts.outbox, {
      onCongested: () => this.#updateReading(),
      onDrained: () => this.#updateReading(),
    });
    this.outbox.eventForm = parts.dialect.eventForm;
  }

  get isLoggedIn(): boolean {
    return this.sender.kind !== 'anonymous';
  }

  get isOpen(): boolean {
    return this.webSocket.isOpen;
  }

  /** The server itself does not read the socket: nothing can be told then from what it does not hear. */
  get isReadingPaused(): boolean {
    return this.#isReadingPaused;
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
  setPrincipal(principal: Principal, sessionId: number): void {
    this.#end('login');
    const { standing } = this.sender;
    const isSame = isSameCaller(standing.principal, principal);
    if (!isSame && this.isLoggedIn) {
      endAllCalls(this);
      // what the one was asked, the other must not answer
      this.#outgoing?.end(coded('SERVICE_GONE'));
    }
    const present = isSame ? standing : new Standing(principal);
    this.sender = new ConnectionSender(this, present, sessionId);
    this.changeRights(principal);
  }

  /** Other rights of the same user: what runs is judged again. */
  changeRights(principal: Principal): void {
    this.sender.standing.principal = principal;
    if (this.calls.size > 0) endForbiddenCalls(this);
    for (const listener of [...(this.#rightsListeners ?? [])]) listener(this.sender);
  }

  /** @throws RpcException EINVAL for a feature that the connection's dialect has no words for */
  enable(feature: Feature): void {
    if (this.dialect.withheldFeatures.has(feature)) throw coded('INVALID_FEATURE', { feature });
    this.features.add(feature);
    if (feature === 'event_bursts') this.outbox.eventForm = 'burst';
    this.callOptions = {
      isStrict: this.features.has('strict_validation'),
      wantsStream: this.features.has('streaming_responses'),
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
  sendEvent(event: EventBatch): void {
    if (this.isOpen) this.outbox.pushEvent(event);
  }

  fail(id: FrameId, error: RpcException): void {
    this.send(this.dialect.error(id, error));
  }

  /** @param pending - never rejects */
  async holdBackFor(pending: Promise<void>): Promise<void> {
    this.#holdBack();
    await pending;
    this.#release();
  }

  sendLogout(reason: string): void {
    this.send(this.dialect.logout(reason));
  }

  /** At once, and not only when the client has answered the goodbye, which it need not. */
  logout(reason: string): void {
    if (!this.isOpen) return;
    endAllCalls(this);
    this.sendLogout(reason);
    this.close(CloseCode.loggedOut, reason);
    this.end();
  }

  /** Sends what is queued, then says goodbye. */
  close(code: number, reason: string): void {
    this.webSocket.close(code, shortened(reason));
  }

  /** The last moment to send anything, whoever closes; what the client still says is read from now on. */
  prepareClose(): void {
    this.#isClosing = true;
    this.outbox.flushAll();
    this.#updateReading();
  }

  /** A frame made no sense. A stranger may send a few of those, and is shown out when it goes on. */
  countFault(): void {
    if (this.isLoggedIn) return;
    this.#faults += 1;
    if (this.#faults > MAX_FAULTS_BEFORE_LOGIN) {
      this.close(POLICY_VIOLATION, 'Too many invalid frames before login');
    }
  }

  /** Once the socket is closed: nobody works for this client any more, and nobody waits for it. */
  end(): void {
    if (this.calls.size > 0) this.#cancelCalls();
    this.#outgoing?.end(coded('SERVICE_GONE'));
    this.#hasEnded = true;
    this.#end('login');
    this.#end('connection');
  }

  /** Most connections end with none: an error, with its stack, is not made for those. */
  #cancelCalls(): void {
    const reason = coded('CALL_CANCELED');
    for (const { call, stream } of this.calls.values()) {
      call.abort(reason);
      void stream?.dispose();
    }
    this.calls.clear();
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

  /** While a login is in progress no later frame is looked at, and the socket is not read further. */
  #holdBack(): void {
    this.#isHeld = true;
    this.#updateReading();
  }

  #release(): void {
    this.#isHeld = false;
    this.#updateReading();
  }

  #updateReading(): void {
    const isPaused = !this.#isClosing && (this.outbox.isCongested || this.#isHeld);
    if (isPaused === this.#isReadingPaused) return;
    this.#isReadingPaused = isPaused;
    if (isPaused) {
      this.reader.pause();
    } else {
      this.isAlive = true; // what it has said meanwhile is heard only now
      this.reader.resume();
    }
  }
}

/** The same user or service, whatever rights it has by now. */
export function isSameCaller(one: Principal, other: Principal): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** A close frame holds at most 123 bytes of reason (RFC 6455, section 5.5). */
function shortened(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= 123
    ? reason
    : `${bytes
        .subarray(0, 117)
        .toString()
        .replace(/\ufffd+$/, '')}...`;
}
