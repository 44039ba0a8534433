import type { OnApplicationShutdown } from '@nestjs/common';
import {
  type Leader,
  leaderBy,
  leaderMayHaveChanged,
  Leadership,
  NodeCalls,
  NodeDirectory,
} from '../../cluster/index.js';
import type { Unsubscribe } from '../../cluster/index.js';
import { coded, type ErrorKey, isDispatcherError, keyOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import type { LockRow } from '../../wire/index.js';
import { LockAuthority, type LockOwner, type Waiting } from '../lock-authority.js';
import {
  type Grant,
  LOCK_CHANNEL,
  type LockRequest,
  LockSeat,
  type SentOwner,
} from './lock-seat.js';

/** How long what is asked waits for a node to lead. */
const PATIENCE_MS = 45_000;
const AGAIN_MS = 250;

/** To be asked again: of whoever leads then, with the same words, which do no harm twice. */
const AGAIN: ReadonlySet<ErrorKey | null> = new Set<ErrorKey>([
  'NATS_AWAY',
  'NODE_ANSWER_LOST',
  'NODE_CHANNEL_UNKNOWN',
  'NODE_GONE',
  'NODE_NOT_LEADING',
  'NODE_SILENT',
  'NODE_UNKNOWN',
]);

export interface SharedLocksParts {
  readonly leadership: Leadership;
  readonly directory: NodeDirectory;
  readonly calls: NodeCalls;
  readonly logger: Logger;
}

interface Held {
  readonly name: string;
  readonly owner: LockOwner;
  readonly token: number;
}

/**
 * The locks of several nodes lie at the one that leads. This one knows which are held by its own
 * callers, declares them to each new leader, and gives them back when a caller goes.
 */
export class SharedLocks extends LockAuthority implements OnApplicationShutdown {
  readonly #seat: LockSeat;
  readonly #ids = new WeakMap<LockOwner, SentOwner>();
  /** Of this node's callers, by name. */
  readonly #held = new Map<string, Held>();
  readonly #names = new Set<string>();
  readonly #gone = new WeakSet<LockOwner>();
  readonly #end = new AbortController();
  readonly #stops: readonly Unsubscribe[];
  #lastId = 0;
  #lastAttempt = 0;
  #declaring: AbortController = new AbortController();

  constructor(private readonly parts: SharedLocksParts) {
    super();
    const { leadership, directory, calls } = parts;
    this.#seat = new LockSeat(leadership, directory, calls);
    this.#stops = [
      leadership.onChange((leader) => this.#declareTo(leader)),
      directory.onIsland((isIsland) => {
        if (!isIsland) this.#declareTo(leadership.leader); // it may have taken this node to be lost
      }),
    ];
    this.#declareTo(leadership.leader);
  }

  /** Of all nodes, where this one leads. */
  get counts(): { readonly known: number; readonly held: number; readonly waiters: number } {
    return this.#seat.locks.counts;
  }

  async init(name: string): Promise<void> {
    await this.#ask({ op: 'init', name });
    this.#names.add(name);
  }

  async acquire(name: string, owner: LockOwner, waiting: Waiting): Promise<boolean> {
    const { timeoutMs, signal } = waiting;
    const begunMs = performance.now();
    const sent = this.#sent(owner);
    this.#lastAttempt += 1;
    const attempt = { name, owner: sent, attempt: this.#lastAttempt };
    const left = (): number | null =>
      timeoutMs === null ? null : Math.max(0, timeoutMs - (performance.now() - begunMs));
    try {
      const answer = await this.#ask(
        () => ({ op: 'acquire', ...attempt, timeoutMs: left() }),
        signal,
      );
      const { isHeld, token } = answer as Grant;
      if (!isHeld) return false;
      if (signal.aborted || this.#gone.has(owner)) throw coded('CALL_CANCELED');
      this.#names.add(name);
      this.#held.set(name, { name, owner, token });
      return true;
    } catch (error) {
      if (!signal.aborted && !this.#gone.has(owner)) throw error;
      this.#tell({ op: 'abandon', ...attempt });
      return false;
    }
  }

  async release(name: string, owner: LockOwner): Promise<void> {
    const wasHeld = this.#held.get(name)?.owner === owner;
    if (wasHeld) this.#held.delete(name);
    try {
      await this.#ask({ op: 'release', name, owner: this.#sent(owner) });
    } catch (error) {
      // the leader did it and its answer was lost, or another one leads that was told of none
      if (!wasHeld || !isDispatcherError(error) || keyOf(error) !== 'LOCK_NOT_HELD') throw error;
    }
  }

  async isLocked(name: string): Promise<boolean> {
    return (await this.#ask({ op: 'is_locked', name })) as boolean;
  }

  async list(): Promise<LockRow[]> {
    return (await this.#ask({ op: 'list' })) as LockRow[];
  }

  async token(name: string, owner: LockOwner): Promise<number> {
    const held = this.#held.get(name);
    if (held?.owner === owner) return held.token;
    await this.isLocked(name); // ENOENT where there is no such lock
    throw coded('LOCK_NOT_HELD', { lock: name });
  }

  forget(owner: LockOwner): void {
    this.#gone.add(owner);
    for (const [name, held] of this.#held) if (held.owner === owner) this.#held.delete(name);
    this.#tell({ op: 'forget', owner: this.#sent(owner) });
  }

  onApplicationShutdown(): void {
    this.close();
  }

  close(): void {
    this.#end.abort();
    for (const stop of this.#stops) stop();
    this.#seat.close();
  }

  #sent(owner: LockOwner): SentOwner {
    const known = this.#ids.get(owner);
    if (known !== undefined) return known;
    this.#lastId += 1;
    const sent = { id: `${this.parts.directory.self.boot}-${this.#lastId}`, label: owner.label };
    this.#ids.set(owner, sent);
    return sent;
  }

  /** What nobody waits for; the leader is told as soon as there is one. */
  #tell(request: LockRequest): void {
    this.#ask(request).catch((error: unknown) => {
      if (!this.#end.signal.aborted)
        this.parts.logger.warn('The leader was not told of the end of a lock', { error });
    });
  }

  #declareTo(leader: Leader | null): void {
    this.#declaring.abort();
    if (leader === null) return;
    this.#declaring = new AbortController();
    void this.#declare(leader, AbortSignal.any([this.#declaring.signal, this.#end.signal]));
  }

  async #declare(leader: Leader, signal: AbortSignal): Promise<void> {
    const { calls, logger } = this.parts;
    while (!signal.aborted) {
      const held = Array.from(this.#held.values(), (lock) => ({
        ...lock,
        owner: this.#sent(lock.owner),
      }));
      const body: LockRequest = { op: 'declare', names: [...this.#names], held };
      try {
        const lost = await calls.call(leader.node, { channel: LOCK_CHANNEL, body }, signal);
        for (const name of lost as string[]) {
          this.#held.delete(name);
          logger.warn(`Lock ${name} was given to another caller while this node was not heard of`);
        }
        return;
      } catch {
        await leaderMayHaveChanged(this.parts.leadership, AGAIN_MS, signal);
      }
    }
  }

  async #ask(
    request: LockRequest | (() => LockRequest),
    stop: AbortSignal = this.#end.signal,
  ): Promise<unknown> {
    const { leadership, calls } = this.parts;
    const signal = AbortSignal.any([stop, this.#end.signal]);
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const leader = await leaderBy(this.parts.leadership, deadlineMs, signal);
      const body = typeof request === 'function' ? request() : request;
      try {
        const answer = await calls.call(leader.node, { channel: LOCK_CHANNEL, body }, signal);
        if (body.op !== 'acquire' || isValid(answer as Grant, leadership.leader)) return answer;
      } catch (error) {
        const key = isDispatcherError(error) ? keyOf(error) : null;
        if (!AGAIN.has(key) || performance.now() >= deadlineMs) throw error;
      }
      await leaderMayHaveChanged(this.parts.leadership, AGAIN_MS, signal);
    }
  }
}

/** One that was given by a leader that is none any more is nobody's. */
function isValid({ term }: Grant, leader: Leader | null): boolean {
  return leader === null || term >= leader.term;
}
