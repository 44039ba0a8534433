import type { NodeCaller, NodeCalls, NodeDirectory } from '../../cluster/index.js';
import { assertNever, coded, withCause, withFields } from '../../common/index.js';
import type { Claims, TaskContext } from '../../sdk/index.js';
import { checkArguments } from '../engine/submission.js';
import type { Verifier } from '../engine/verifier.js';
import type { RunOutcome } from '../executors/executor.js';
import { toCrossing } from '../executors/isolated/crossing-error.js';
import type { TaskHookMoment, TaskHookTable } from '../hooks/task-hook-table.js';
import type { SessionHooks } from '../site/executor-site.js';
import { executorFor, type Executors } from '../site/local-site.js';
import type { TaskHandler } from '../task-handler.js';
import type { TaskHandlers } from '../task-handler-table.js';
import { describeClass } from './class-description.js';
import type { LeaderLink } from './leader-link.js';
import {
  type NodeAnswer,
  type NodeAsk,
  type NodeResource,
  type OpenRequest,
  type PackedOutcome,
  type PerformAnswer,
  RUNS_CHANNEL,
  type Survey,
  type TaskIdentity,
  type VerifyAnswer,
} from './node-messages.js';
import { NodeRun } from './node-run.js';
import type { Packer } from './packed.js';
import { RunContext, type RunContextParts } from './run-context.js';
import { RunCount } from './run-count.js';
import { Contact, type ContactDependencies } from './contact.js';

export interface NodeRunsDependencies extends Omit<ContactDependencies, 'runs'> {
  readonly directory: NodeDirectory;
  readonly calls: NodeCalls;
  readonly link: LeaderLink;
  /** The classes of this node. */
  readonly handlers: TaskHandlers;
  readonly executors: Executors;
  readonly verifier: Verifier;
  readonly hooks: TaskHookTable;
  readonly packer: Packer;
  /** What the plugins of this node have registered. */
  readonly resources: () => readonly NodeResource[];
}

interface Asked {
  /** Of the leader who asks; null: any node may. */
  readonly term: number | null;
  readonly ask: NodeAsk;
}

/** What this node does for the leader: verifies tasks, runs them, says which it runs. */
export class NodeRuns {
  readonly #runs = new Map<number, NodeRun>();
  readonly #unserve: () => void;
  readonly #contact: Contact;
  readonly #count: RunCount;
  /** The highest that has asked: of an earlier leader nothing is begun any more. */
  #term = 0;
  #isDraining = false;
  #onIdle: () => void = () => undefined;

  constructor(private readonly dependencies: NodeRunsDependencies) {
    const { calls } = dependencies;
    this.#count = new RunCount(dependencies);
    this.#contact = new Contact({ ...dependencies, runs: () => this.#runs.values() });
    this.#unserve = calls.serve(RUNS_CHANNEL, (body, caller) => this.serve(body as Asked, caller));
  }

  /** What the leader asks, also when that is this node itself. Never rejects. */
  async serve({ term, ask }: Asked, { signal }: Pick<NodeCaller, 'signal'>): Promise<NodeAnswer> {
    if (term !== null) {
      if (term < this.#term) return { isOver: true };
      this.#term = term;
    }
    try {
      return { value: (await this.#answer(ask, { term: this.#term, signal })) ?? null };
    } catch (error) {
      return { error: toCrossing(error) };
    }
  }

  /** Begins nothing more; resolves when the ends of all runs are stored, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const { clock } = this.dependencies;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(graceMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
      this.#lookForIdle();
    });
    this.#contact.stop();
    this.#count.stop();
    this.#unserve();
  }

  #answer(ask: NodeAsk, from: { readonly term: number; readonly signal: AbortSignal }): unknown {
    switch (ask.ask) {
      case 'survey':
        return this.#survey();
      case 'describe':
        return this.#describe(ask.name);
      case 'check':
        return this.#check(ask);
      case 'verify':
        return this.#verify(ask.of, from.signal);
      case 'open':
        return this.#open(ask.of, from);
      case 'perform':
        return this.#perform(ask);
      case 'abort':
        return this.#runs.get(ask.task)?.abort();
      case 'kill':
        return this.#runs.get(ask.task)?.kill(ask.reason);
      case 'close':
        return this.#runs.get(ask.task)?.close();
      case 'forget':
        return this.#forget(ask.task);
      default:
        return assertNever(ask);
    }
  }

  #survey(): Survey {
    const runs = Array.from(this.#runs.values(), (run) => run.report());
    return { runs, resources: this.dependencies.resources() };
  }

  async #describe(name: string): Promise<unknown> {
    const handler = await this.dependencies.handlers.find(name);
    return handler === undefined ? null : describeClass(handler);
  }

  async #check({ name, args, isStrict }: Extract<NodeAsk, { ask: 'check' }>): Promise<unknown> {
    const { handlers, packer } = this.dependencies;
    const given = packer.unpack(args) as readonly unknown[];
    return packer.pack(checkArguments(await handlers.require(name), given, isStrict));
  }

  async #verify(of: TaskIdentity, signal: AbortSignal): Promise<VerifyAnswer> {
    const { handlers, verifier } = this.dependencies;
    const handler = await handlers.require(of.name);
    const { args, environment } = this.#given(of);
    const over = new AbortController();
    const parts = { phase: 'verify', environment, signal, over: over.signal } as const;
    const context = this.#context(of, parts);
    try {
      return await withCause(context, () => verifier.verify(handler, args, context));
    } finally {
      await context.settled();
      over.abort();
    }
  }

  async #open(
    of: OpenRequest,
    { term, signal }: { readonly term: number; readonly signal: AbortSignal },
  ): Promise<{ readonly hooks: SessionHooks }> {
    if (this.#isDraining) throw coded('TASKS_STOPPING');
    const fence = `${term}.${of.run}`;
    const run = await this.#runFor(of, fence);
    try {
      await withCause(run.cause, () => run.open(signal));
    } catch (error) {
      await this.#forget(of.task);
      throw error;
    }
    return { hooks: run.hooks };
  }

  async #runFor(of: OpenRequest, fence: string): Promise<NodeRun> {
    const present = this.#runs.get(of.task);
    if (present?.fence === fence) return present; // its answer was lost
    if (present !== undefined) await this.#forget(of.task);
    const handler = await this.dependencies.handlers.require(of.name);
    const run = this.#make(of, fence, handler);
    this.#runs.set(of.task, run);
    this.#changed();
    return run;
  }

  #make(of: OpenRequest, fence: string, handler: TaskHandler): NodeRun {
    const { executors, clock } = this.dependencies;
    const given = this.#given(of);
    const environment = withFields(given.environment, { FENCE: fence });
    const stop = new AbortController();
    const over = new AbortController();
    const signals = { signal: stop.signal, over: over.signal };
    const context = this.#context(of, { phase: 'run', environment, ...signals });
    return new NodeRun({
      ...{ task: of.task, fence, handler, args: given.args, context, isSubtask: of.isSubtask },
      ...{ hooks: this.#hooksOf(of.name, given.args), stop, over, clock },
      open: (assignment, signal) => executorFor(handler, executors).open(assignment, { signal }),
    });
  }

  async #perform({
    task,
    step,
    attempt,
  }: Extract<NodeAsk, { ask: 'perform' }>): Promise<PerformAnswer> {
    const run = this.#runs.get(task);
    if (run === undefined) return { attempt: 0, outcome: null };
    const number = attempt ?? Math.max(1, run.attempt);
    return { attempt: number, outcome: this.#packed(await run.perform(step, number)) };
  }

  async #forget(task: number): Promise<void> {
    const run = this.#runs.get(task);
    if (run === undefined) return;
    this.#runs.delete(task);
    this.#changed();
    await run.forget();
  }

  #changed(): void {
    const { size } = this.#runs;
    this.#count.change(size);
    if (size > 0) this.#contact.start();
    else this.#contact.stop();
    this.#lookForIdle();
  }

  #lookForIdle(): void {
    if (this.#isDraining && ![...this.#runs.values()].some(({ isWanted }) => isWanted)) {
      this.#onIdle();
    }
  }

  #packed(outcome: RunOutcome): PackedOutcome {
    if (outcome.kind !== 'returned') return outcome;
    return { kind: 'returned', value: this.dependencies.packer.pack(outcome.value) };
  }

  #given({ given }: TaskIdentity): {
    readonly args: readonly unknown[];
    readonly environment: Readonly<Record<string, unknown>>;
  } {
    const [args, environment] = this.dependencies.packer.unpack(given) as [
      readonly unknown[],
      Readonly<Record<string, unknown>>,
    ];
    return { args, environment };
  }

  #context(
    { task: id, user, cause }: TaskIdentity,
    parts: Pick<RunContextParts, 'environment' | 'over' | 'phase' | 'signal'>,
  ): RunContext {
    const { link, packer, clock, handlers } = this.dependencies;
    return new RunContext({
      ...{ id, user, cause, link, packer, clock, ...parts },
      checked: (name, args) => {
        const handler = handlers.get(name);
        return handler === undefined ? args : checkArguments(handler, args, false);
      },
      verify: (name, args, context) => this.#verifyHere(name, args, context),
    });
  }

  #verifyHere(
    name: string,
    args: readonly unknown[],
    context: TaskContext,
  ): Promise<Claims> | null {
    const { handlers, verifier } = this.dependencies;
    const handler = handlers.get(name);
    if (handler === undefined) return null;
    const verdict = verifier.verify(handler, checkArguments(handler, args, false), context);
    return verdict.then(({ claims }) => claims);
  }

  #hooksOf(name: string, args: readonly unknown[]): SessionHooks {
    const at = (moment: TaskHookMoment): readonly string[] => [
      ...this.dependencies.hooks.tasksOf(name, moment, args),
    ];
    return { before: at('before'), after: at('after'), error: at('error') };
  }
}
