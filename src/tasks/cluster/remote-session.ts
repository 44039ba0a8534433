import type { RunOutcome } from '../executors/executor.js';
import { toRunFailure } from '../executors/run-failure.js';
import type { Step } from '../executors/task-methods.js';
import type { SessionHooks, SiteOutcome, SiteSession } from '../site/executor-site.js';
import { AWAY, TermOverError } from './node-link.js';
import type { NodeAsk, PackedOutcome, PerformAnswer } from './node-messages.js';
import type { Packer } from './packed.js';

/** What all sessions of one term's leader have in common. */
export interface SessionTools {
  readonly packer: Packer;
  /** Fires when this node leads no more: nothing is asked of the run then, and nothing is said of it. */
  readonly over: AbortSignal;
  /** Asks a node until it answers; {@link AWAY} when it is lost. */
  readonly insist: (node: string, ask: NodeAsk) => Promise<unknown>;
  /** Resolves when this node leads beyond doubt, right before a run is begun. */
  readonly mayBegin: () => Promise<void>;
}

export interface RemoteSessionParts {
  readonly node: string;
  readonly task: number;
  readonly hooks: SessionHooks | null;
  /** Attempts that were begun before; null where that is not known. */
  readonly begun: number | null;
}

/**
 * A run at a node. It outlives the session: when this node leads no more, the next leader has a session
 * of its own for the same run.
 */
export class RemoteSession implements SiteSession {
  readonly isAlive = true; // the node makes another executor for a rollback itself
  readonly hooks?: SessionHooks;
  #attempt: number | null;

  constructor(
    private readonly parts: RemoteSessionParts,
    private readonly tools: SessionTools,
  ) {
    if (parts.hooks !== null) this.hooks = parts.hooks;
    // what was begun is asked after first
    this.#attempt = parts.begun === null ? null : Math.max(0, parts.begun - 1);
  }

  async run(): Promise<SiteOutcome> {
    const attempt = this.#attempt === null ? null : this.#attempt + 1;
    const outcome = await this.#perform('run', attempt);
    if (attempt !== null) this.#attempt = attempt;
    return outcome;
  }

  rollback(): Promise<SiteOutcome> {
    return this.#perform('rollback', 1);
  }

  abort(): void {
    this.#tell({ ask: 'abort', task: this.parts.task });
  }

  kill(reason: string): void {
    this.#tell({ ask: 'kill', task: this.parts.task, reason });
  }

  close(): Promise<void> {
    this.#tell({ ask: 'close', task: this.parts.task });
    return Promise.resolve();
  }

  async #perform(step: Step, attempt: number | null): Promise<SiteOutcome> {
    const { node, task } = this.parts;
    await this.tools.mayBegin();
    try {
      const ask = { ask: 'perform', task, step, attempt } as const;
      const answer = await this.tools.insist(node, ask);
      if (answer === AWAY) return { kind: 'lost', node };
      const { attempt: made, outcome } = answer as PerformAnswer;
      if (outcome === null) return { kind: 'lost', node };
      this.#attempt ??= made;
      return this.#unpacked(outcome);
    } catch (error) {
      if (this.tools.over.aborted || error instanceof TermOverError) return NEVER;
      return { kind: 'threw', failure: toRunFailure(error) };
    }
  }

  #unpacked(outcome: PackedOutcome): RunOutcome {
    if (outcome.kind !== 'returned') return outcome;
    return { kind: 'returned', value: this.tools.packer.unpack(outcome.value) };
  }

  #tell(ask: NodeAsk): void {
    if (this.tools.over.aborted) return;
    this.tools.insist(this.parts.node, ask).catch(() => undefined); // this node leads no more
  }
}

/** What is said to an engine that goes on no more: nothing. */
const NEVER = new Promise<never>(() => undefined);
