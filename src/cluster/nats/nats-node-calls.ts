import { setMaxListeners } from 'node:events';
import { coded, currentCause, onAbort } from '../../common/index.js';
import { LocalNodeCalls } from '../local/local-node-calls.js';
import { NodeCalls, type NodeHandler, type NodeRequest } from '../node-calls.js';
import type { NodeDirectory, NodeRecord } from '../node-directory.js';
import type { Unsubscribe } from '../unsubscribe.js';
import { type CallMessage, receivedError, type Received, sentError } from './calls/call-message.js';
import { NodePost } from './calls/node-post.js';
import { PendingCall, type PendingHost } from './calls/pending-call.js';
import { ServedCalls } from './calls/served-calls.js';
import type { NatsLink } from './nats-link.js';
import type { Sealer } from './sealer.js';

const MAX_IN_FLIGHT = 10_000;
const PATIENCE_MS = 3_000;
const ASK_AGAIN_MS = 100;
const MS_PER_SECOND = 1_000;

export interface NatsNodeCallsOptions {
  /** Without it nothing travels that has a password in it. */
  readonly sealer?: Sealer;
  /** Most calls to other nodes that may be unanswered. */
  readonly maxInFlight?: number;
  /** How long a call waits for NATS to come back, and for a node that is there but does not hear. */
  readonly patienceMs?: number;
}

type Answer = Exclude<CallMessage, { k: 'call' | 'abort' | 'more' | 'ask' | 'back' }>;

/**
 * Requests over core NATS, which keeps nothing: see `NodePost` for the subjects and `CallMessage` for
 * what is said. A call is told its answer once, or an error; where that says so, it may have been done.
 */
export class NatsNodeCalls extends NodeCalls implements PendingHost {
  /** Calls to each node. */
  readonly sent = new Map<string, number>();
  readonly #pending = new Map<string, PendingCall>();
  readonly #post: NodePost;
  readonly #served: ServedCalls;
  readonly #own: LocalNodeCalls;
  readonly #unlisten: readonly Unsubscribe[];
  readonly #maxInFlight: number;
  readonly #patienceMs: number;
  #awayTimer: NodeJS.Timeout | null = null;
  #isAway = false;
  #lastId = 0;

  constructor(
    private readonly link: NatsLink,
    private readonly directory: NodeDirectory,
    { sealer, maxInFlight = MAX_IN_FLIGHT, patienceMs = PATIENCE_MS }: NatsNodeCallsOptions = {},
  ) {
    super();
    this.#maxInFlight = maxInFlight;
    this.#patienceMs = patienceMs;
    this.#own = new LocalNodeCalls(link.node);
    this.#post = new NodePost(link, sealer ?? null, {
      received: (from, received) => this.#receive(from, received),
      unheard: (id) => this.#unheard(id),
    });
    this.#served = new ServedCalls(link, this.#post, link.logger);
    this.#unlisten = [
      link.onConnected((isConnected) => (isConnected ? this.#found() : this.#lost())),
      directory.onGone(({ name }) => this.#gone(name, null)),
      directory.onChange(({ name, boot }) => this.#gone(name, boot)),
    ];
  }

  /** How many calls to other nodes are not answered yet. */
  get inFlight(): number {
    return this.#pending.size;
  }

  async call(node: string, request: NodeRequest, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (node === this.link.node) return this.#own.call(node, request, signal);
    const callee = this.#require(node);
    if (this.#isAway) throw coded('NATS_AWAY', { node });
    if (this.#pending.size >= this.#maxInFlight)
      throw coded('TOO_MANY_NODE_CALLS', { limit: this.#maxInFlight });
    const call = this.#begin(callee, request);
    setMaxListeners(0, signal); // one may be the signal of many calls
    const stopListening = onAbort(signal, () => this.#giveUp(call, signal.reason));
    const { timeoutMs } = request;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => this.#giveUp(call, timeout(node, timeoutMs)), timeoutMs);
    call.onEnd = stopListening;
    this.#dispatch(call);
    try {
      return await call.answer;
    } finally {
      clearTimeout(timer);
    }
  }

  serve(channel: string, handler: NodeHandler): Unsubscribe {
    const stops = [this.#own.serve(channel, handler), this.#served.serve(channel, handler)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Answers nobody any more; what waits for other nodes fails. */
  async close(): Promise<void> {
    for (const stop of this.#unlisten) stop();
    if (this.#awayTimer !== null) clearTimeout(this.#awayTimer);
    this.#served.close();
    for (const call of [...this.#pending.values()])
      this.#giveUp(call, coded('NODE_GONE', { node: this.link.node }));
    await this.#post.close();
  }

  more({ node, id, granted }: PendingCall): void {
    this.#post.send(node, { k: 'more', id, n: granted });
  }

  abandoned({ node, id }: PendingCall, reason: unknown = coded('CALL_CANCELED')): void {
    this.#post.send(node, { k: 'abort', id, error: sentError(reason) });
  }

  ended(call: PendingCall): void {
    this.#pending.delete(call.id);
    call.onEnd?.();
  }

  #require(node: string): NodeRecord {
    const callee = this.directory.get(node);
    if (callee === undefined) throw coded('NODE_UNKNOWN', { node });
    if (callee.state === 'lost') throw coded('NODE_SILENT', { node });
    return callee;
  }

  #begin(
    { name, boot }: NodeRecord,
    { channel, body, timeoutMs, cause }: NodeRequest,
  ): PendingCall {
    this.#lastId += 1;
    this.sent.set(name, (this.sent.get(name) ?? 0) + 1); // once, however often it has to be sent
    const id = `${this.link.boot}-${this.#lastId}`;
    const because = cause ?? currentCause() ?? undefined;
    const head = { k: 'call', id, boot, channel, left: timeoutMs, cause: because } as const;
    const call = new PendingCall(
      { id, node: name, boot, text: this.#post.write(head, body ?? null) },
      this,
    );
    this.#pending.set(id, call);
    return call;
  }

  #dispatch(call: PendingCall): void {
    const { node, id, text } = call;
    call.isKnown = this.#post.call(node, id, text);
  }

  #giveUp(call: PendingCall, reason: unknown): void {
    if (!this.#pending.has(call.id)) return;
    if (call.isKnown) this.abandoned(call, reason);
    call.broken(reason);
  }

  /** Nobody read the call, so it was not begun: perhaps the callee is about to find NATS again. */
  #unheard(id: string): void {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    call.isKnown = false;
    call.unheardSinceMs ??= performance.now();
    if (performance.now() - call.unheardSinceMs >= this.#patienceMs) {
      call.broken(coded('NODE_SILENT', { node: call.node }));
      return;
    }
    setTimeout(() => {
      if (this.#pending.has(id) && !call.isKnown) this.#dispatch(call);
    }, ASK_AGAIN_MS);
  }

  #receive(from: string, { message, body }: Received): void {
    switch (message.k) {
      case 'call':
        this.#served.begin(from, message, body);
        break;
      case 'abort':
        this.#served.abort(from, message);
        break;
      case 'more':
        this.#served.grant(from, message.id, message.n);
        break;
      case 'ask':
        this.#served.answerFor(from, message.calls);
        break;
      case 'back':
        this.#ask(from);
        break;
      default: {
        const call = this.#pending.get(message.id);
        if (call?.node === from) settle(call, message, body);
      }
    }
  }

  #lost(): void {
    this.#awayTimer = setTimeout(() => {
      this.#isAway = true;
      for (const call of [...this.#pending.values()])
        call.broken(coded(call.isKnown ? 'NODE_ANSWER_LOST' : 'NATS_AWAY', { node: call.node }));
    }, this.#patienceMs);
  }

  #found(): void {
    if (this.#awayTimer !== null) clearTimeout(this.#awayTimer);
    this.#isAway = false;
    this.#post.flush();
    for (const { name, state } of this.directory.list()) {
      if (name === this.link.node || state === 'lost') continue;
      this.#ask(name);
      this.#post.send(name, { k: 'back' });
    }
    for (const call of this.#pending.values()) if (!call.isKnown) this.#dispatch(call);
  }

  #ask(node: string): void {
    const calls = [...this.#pending.values()]
      .filter((call) => call.node === node && call.isKnown)
      .map(({ id, granted }) => [id, granted] as const);
    this.#post.send(node, { k: 'ask', calls });
  }

  /** The node is gone, or has begun anew as `boot`. */
  #gone(node: string, boot: string | null): void {
    if (node === this.link.node) return;
    for (const call of [...this.#pending.values()])
      if (call.node === node && call.boot !== boot) call.broken(coded('NODE_GONE', { node }));
    this.#served.forget(node, boot);
    if (boot === null) this.#post.forget(node);
  }
}

function settle(call: PendingCall, message: Answer, body: () => unknown): void {
  switch (message.k) {
    case 'answer':
      call.answered(body);
      break;
    case 'stream':
      call.streamed();
      break;
    case 'item':
      call.item(message.n, body);
      break;
    case 'end':
      call.itemsEnded(message.n);
      break;
    case 'at':
      call.isAt(message.n);
      break;
    case 'error':
      call.failed(receivedError(message.error));
      break;
    case 'lost':
      call.broken(coded('NODE_ANSWER_LOST', { node: call.node }));
      break;
  }
}

const timeout = (node: string, timeoutMs: number): Error =>
  coded('NODE_TIMEOUT', { node, seconds: timeoutMs / MS_PER_SECOND });
