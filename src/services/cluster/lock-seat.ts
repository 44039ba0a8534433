import { setTimeout as delay } from 'node:timers/promises';
import {
  Leadership,
  type NodeCaller,
  NodeCalls,
  NodeDirectory,
  type Unsubscribe,
} from '../../cluster/index.js';
import { abortable, coded, deferred, type Deferred } from '../../common/index.js';
import type { LockOwner } from '../lock-authority.js';
import { NamedLocks } from '../named-locks.js';

export const LOCK_CHANNEL = 'locks';
/** How long a new leader waits for the nodes to say which locks are held there. */
const DECLARE_MS = 2_000;

/** A caller of another node, by a name that is its own for as long as its node runs. */
export interface SentOwner {
  readonly id: string;
  readonly label: string;
}

interface HeldLock {
  readonly name: string;
  readonly owner: SentOwner;
  readonly token: number;
}

/** What the leader is asked. */
export type LockRequest =
  | { readonly op: 'init' | 'is_locked'; readonly name: string }
  | {
      readonly op: 'acquire';
      readonly name: string;
      readonly owner: SentOwner;
      readonly timeoutMs: number | null;
      /** The same each time that one attempt is made again. */
      readonly attempt: number;
    }
  | { readonly op: 'release'; readonly name: string; readonly owner: SentOwner }
  /** The attempt was given up: should it have got the lock, that is not wanted any more. */
  | {
      readonly op: 'abandon';
      readonly name: string;
      readonly owner: SentOwner;
      readonly attempt: number;
    }
  | { readonly op: 'forget'; readonly owner: SentOwner }
  | { readonly op: 'list' }
  /** Answered with the names of those that another caller has by now. */
  | {
      readonly op: 'declare';
      readonly names: readonly string[];
      readonly held: readonly HeldLock[];
    };

/** A lock that was given; of an earlier term than the latest leader's it is void. */
export interface Grant {
  readonly isHeld: boolean;
  readonly token: number;
  readonly term: number;
}

interface RemoteOwner extends LockOwner {
  readonly node: string;
}

/**
 * The locks of all nodes, where this one leads. A new leader knows of none: the nodes declare which are
 * held there, and until all that live have done so, or two seconds are over, it answers nothing.
 */
export class LockSeat {
  readonly locks: NamedLocks;
  readonly #owners = new Map<string, RemoteOwner>();
  /** By which attempt a lock was given. */
  readonly #attempts = new Map<string, string>();
  readonly #stops: readonly Unsubscribe[];
  #undeclared: Set<string> = new Set();
  #open: Deferred<null> = deferred();
  /** The term for which it is open; null when this node does not lead. */
  #term: number | null = null;
  #declared = new AbortController();

  constructor(
    private readonly leadership: Leadership,
    private readonly directory: NodeDirectory,
    calls: NodeCalls,
  ) {
    this.locks = new NamedLocks(() => this.#term ?? 0);
    this.#stops = [
      calls.serve(LOCK_CHANNEL, (body, caller) => this.#serve(body as LockRequest, caller)),
      leadership.onChange(() => this.#follow()),
      directory.onGone(({ name }) => this.#nodeGone(name)),
    ];
    this.#follow();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#declared.abort();
    this.locks.clear();
  }

  #follow(): void {
    const { term } = this.leadership;
    if (term === this.#term) return;
    this.#term = term;
    this.#declared.abort();
    this.locks.clear();
    this.#owners.clear();
    this.#attempts.clear();
    this.#open = deferred();
    if (term === null) return;
    const nodes = this.directory.list().filter(({ state }) => state !== 'lost');
    this.#undeclared = new Set(nodes.map(({ name }) => name));
    this.#declared = new AbortController();
    void this.#openLate(this.#open, this.#declared.signal);
  }

  async #openLate(open: Deferred<null>, signal: AbortSignal): Promise<void> {
    await delay(DECLARE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    open.resolve(null);
  }

  #nodeGone(node: string): void {
    for (const [key, owner] of this.#owners) {
      if (owner.node !== node) continue;
      this.#owners.delete(key);
      this.locks.forget(owner);
    }
    this.#hasDeclared(node);
  }

  #hasDeclared(node: string): void {
    this.#undeclared.delete(node);
    if (this.#undeclared.size === 0) this.#declared.abort();
  }

  async #serve(request: LockRequest, { node, signal }: NodeCaller): Promise<unknown> {
    const term = this.#assertLeading();
    if (request.op === 'declare') this.#declare(node, request);
    await abortable(this.#open.promise, signal);
    if (this.#term !== term) throw this.#notLeading();
    switch (request.op) {
      case 'declare':
        return request.held
          .filter(({ name, owner }) => !this.locks.isHolder(name, this.#ownerOf(node, owner)))
          .map(({ name }) => name);
      case 'init':
        this.locks.init(request.name);
        return null;
      case 'is_locked':
        return this.locks.isLocked(request.name);
      case 'list':
        return this.locks.list();
      case 'acquire':
        return this.#acquire(request, { node, signal, term });
      case 'release':
        this.locks.release(request.name, this.#ownerOf(node, request.owner));
        return null;
      case 'abandon':
        if (this.#attempts.get(request.name) === attemptOf(node, request))
          this.locks.release(request.name, this.#ownerOf(node, request.owner));
        return null;
      case 'forget':
        this.locks.forget(this.#ownerOf(node, request.owner));
        this.#owners.delete(`${node} ${request.owner.id}`);
        return null;
    }
  }

  async #acquire(
    request: LockRequest & { readonly op: 'acquire' },
    { node, signal, term }: { readonly node: string; readonly signal: AbortSignal; term: number },
  ): Promise<Grant> {
    const { name, timeoutMs } = request;
    const owner = this.#ownerOf(node, request.owner);
    const attempt = attemptOf(node, request);
    const isAgain = this.#attempts.get(name) === attempt && this.locks.isHolder(name, owner);
    const isHeld = isAgain || (await this.locks.acquire(name, owner, { timeoutMs, signal }));
    if (this.#term !== term || !this.leadership.isCurrent()) throw this.#notLeading();
    if (!isHeld) return { isHeld, token: 0, term };
    this.#attempts.set(name, attempt);
    return { isHeld, token: this.locks.token(name, owner), term };
  }

  #declare(node: string, { names, held }: LockRequest & { readonly op: 'declare' }): void {
    for (const name of names) this.locks.init(name);
    for (const { name, owner, token } of held)
      this.locks.restore(name, this.#ownerOf(node, owner), token);
    this.#hasDeclared(node);
  }

  #ownerOf(node: string, { id, label }: SentOwner): RemoteOwner {
    const key = `${node} ${id}`;
    const owner = this.#owners.get(key) ?? { node, label };
    this.#owners.set(key, owner);
    return owner;
  }

  #assertLeading(): number {
    this.#follow(); // another node may have heard of it first
    if (this.#term === null || !this.leadership.isCurrent()) throw this.#notLeading();
    return this.#term;
  }

  #notLeading(): Error {
    return coded('NODE_NOT_LEADING', { node: this.directory.self.name });
  }
}

function attemptOf(
  node: string,
  { owner, attempt }: { readonly owner: SentOwner; readonly attempt: number },
): string {
  return `${node} ${owner.id} ${attempt}`;
}
