import type { Leadership, NodeCaller, NodeCalls } from '../../cluster/index.js';
import { abortable, coded, currentCause, deferred } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import { toCrossing } from '../executors/isolated/crossing-error.js';
import { type LeaderAnswer, type LeaderAsk, TASKS_CHANNEL } from './node-messages.js';
import { thrownThere } from './thrown-there.js';

/** How long a caller is kept while no leader answers. */
export const PATIENCE_MS = 45_000;
/** When who leads is asked again, though nothing has been heard of a change: at first soon, then less often. */
const LOOK_AGAIN_MS = 20;
const LOOK_AGAIN_AT_MOST_MS = 250;

export interface LeaderLinkDependencies {
  readonly self: string;
  readonly leadership: Pick<Leadership, 'leader' | 'onChange'>;
  readonly calls: NodeCalls;
  readonly clock: Clock;
}

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long it is tried while nobody leads; 45,000. */
  readonly patienceMs?: number;
}

/** What answers while this node leads. */
export interface LeaderDesk {
  /** Fires when it does not any more: what was being answered is asked elsewhere. */
  readonly over: AbortSignal;
  answer(ask: LeaderAsk, node: string): Promise<unknown>;
}

/**
 * The way to whoever leads: this node itself, without a message, or another one. What the leader does
 * not answer, for it leads no more or is gone, is asked again of the next one.
 */
export class LeaderLink {
  readonly #unserve: () => void;
  readonly #unwatch: () => void;
  #desk: LeaderDesk | null = null;
  #changed = deferred<null>();

  constructor(private readonly dependencies: LeaderLinkDependencies) {
    const { calls, leadership } = dependencies;
    this.#unwatch = leadership.onChange(() => this.#wake());
    this.#unserve = calls.serve(TASKS_CHANNEL, (body, caller) =>
      this.#serve(body as LeaderAsk, caller),
    );
  }

  /** From now on this node answers; null: it does no more. */
  lead(desk: LeaderDesk | null): void {
    this.#desk = desk;
    this.#wake();
  }

  /**
   * The leader's answer.
   *
   * @param ask - the question, by the how manieth time it is asked, from 1
   * @throws (rejects with) what the leader refuses with; the signal's reason; RpcException EBUSY when
   *   nobody leads for too long
   */
  async ask(ask: (attempt: number) => LeaderAsk, options: AskOptions = {}): Promise<unknown> {
    const { signal, patienceMs = PATIENCE_MS } = options;
    const { clock } = this.dependencies;
    const untilMs = clock.nowMs() + patienceMs;
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      const changed = this.#changed.promise;
      const answer = await this.#try(ask(attempt), signal);
      if (answer.leads && 'error' in answer) throw answer.error;
      if (answer.leads) return answer.value;
      if (clock.nowMs() >= untilMs) throw coded('NO_LEADER');
      await this.#pause(changed, attempt, signal);
    }
  }

  close(): void {
    this.#unserve();
    this.#unwatch();
    this.#desk = null;
  }

  async #try(ask: LeaderAsk, signal: AbortSignal | undefined): Promise<Answered> {
    const { leadership, self, calls } = this.dependencies;
    const { leader } = leadership;
    if (leader === null) return { leads: false };
    if (leader.node === self) return this.#answer(ask, self);
    const cause = currentCause();
    const request = { channel: TASKS_CHANNEL, body: ask, ...(cause !== null && { cause }) };
    try {
      const answer = (await calls.call(leader.node, request, signal ?? NEVER)) as LeaderAnswer;
      return 'error' in answer ? { leads: true, error: thrownThere(answer.error) } : answer;
    } catch {
      // what the leader refuses is an answer: this is the way to it
      signal?.throwIfAborted();
      return { leads: false };
    }
  }

  async #serve(ask: LeaderAsk, { node }: NodeCaller): Promise<LeaderAnswer> {
    const answer = await this.#answer(ask, node);
    return 'error' in answer ? { leads: true, error: toCrossing(answer.error) } : answer;
  }

  async #answer(ask: LeaderAsk, node: string): Promise<Answered> {
    const desk = this.#desk;
    if (desk === null) return { leads: false };
    try {
      const value = await abortable(desk.answer(ask, node), desk.over);
      return { leads: true, value: value ?? null };
    } catch (error) {
      return desk.over.aborted ? { leads: false } : { leads: true, error };
    }
  }

  async #pause(
    changed: Promise<null>,
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock } = this.dependencies;
    const delayMs = Math.min(LOOK_AGAIN_MS * attempt, LOOK_AGAIN_AT_MOST_MS);
    const over = deferred<null>();
    const cancel = clock.after(delayMs, () => over.resolve(null));
    try {
      await abortable(Promise.race([changed, over.promise]), signal);
    } finally {
      cancel();
    }
  }

  #wake(): void {
    this.#changed.resolve(null);
    this.#changed = deferred<null>();
  }
}

const NEVER = new AbortController().signal;

type Answered =
  | { readonly leads: true; readonly value: unknown }
  | { readonly leads: true; readonly error: unknown }
  | { readonly leads: false };
