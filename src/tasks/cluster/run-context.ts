import { coded } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type {
  Claims,
  ProgressReport,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../../sdk/index.js';
import { ProgressMeter } from '../engine/progress-meter.js';
import type { LeaderLink } from './leader-link.js';
import type { ContextMethod } from './node-messages.js';
import type { Packer } from './packed.js';

/** Characters of output that are sent at once rather than a moment later. */
const OUTPUT_PIECE = 16 * 1024;
const OUTPUT_EVERY_MS = 100;

export interface RunContextParts {
  readonly phase: 'verify' | 'run';
  readonly id: number;
  readonly user: string | null;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly cause: string;
  /** Fires when the task is told to stop. */
  readonly signal: AbortSignal;
  /** Fires when the leader has no use for the run any more. */
  readonly over: AbortSignal;
  readonly link: LeaderLink;
  readonly packer: Packer;
  readonly clock: Clock;
  /** Arguments of a class that this node has, checked; others as they are. */
  readonly checked: (name: string, args: readonly unknown[]) => readonly unknown[];
  /** What a class of this node would claim; null when it has not got the class. */
  readonly verify: (
    name: string,
    args: readonly unknown[],
    context: TaskContext,
  ) => Promise<Claims> | null;
}

/**
 * What stands behind a task that runs at a node: what it says and asks goes to the leader, whichever
 * node that is by then, in the order in which it comes.
 */
export class RunContext implements TaskContext {
  readonly id: number;
  readonly user: string | null;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly cause: string;
  readonly signal: AbortSignal;
  readonly #meter: ProgressMeter;
  #calls = 0;
  #told: Promise<unknown> = Promise.resolve();
  #output = '';
  #cancelOutput: (() => void) | null = null;

  constructor(private readonly parts: RunContextParts) {
    this.id = parts.id;
    this.user = parts.user;
    this.environment = parts.environment;
    this.cause = parts.cause;
    this.signal = parts.signal;
    this.#meter = new ProgressMeter({
      clock: parts.clock,
      publish: (progress) => this.#tell('report', [progress]),
      write: () => undefined,
    });
  }

  report(progress: ProgressReport): void {
    if (this.parts.phase === 'run') this.#meter.report(progress);
  }

  warn(warning: TaskWarning): void {
    this.#tell('warn', [warning]);
  }

  /** What the task printed. */
  print(text: string): void {
    this.#output += text;
    if (this.#output.length > OUTPUT_PIECE) this.#flushOutput();
    else this.#cancelOutput ??= this.parts.clock.after(OUTPUT_EVERY_MS, () => this.#flushOutput());
  }

  async startSubtask({ name, args, slice }: SubtaskRequest): Promise<number> {
    if (this.parts.phase === 'verify') throw coded('NOT_FROM_VERIFY');
    const checked = this.parts.checked(name, args);
    const request = { name, args: checked, ...(slice !== undefined && { slice }) };
    return (await this.#ask('startSubtask', [request])) as number;
  }

  joinSubtask(id: number): Promise<unknown> {
    return this.#ask('joinSubtask', [id]);
  }

  async abortSubtask(id: number): Promise<boolean> {
    return (await this.#ask('abortSubtask', [id])) as boolean;
  }

  async verifySubtask(name: string, args: readonly unknown[]): Promise<Claims> {
    const here = this.parts.verify(name, args, this);
    return (await (here ?? this.#ask('verifySubtask', [name, args]))) as Claims;
  }

  /** Resolves when the leader knows of all that was said until now, or has no use for it. */
  async settled(): Promise<void> {
    this.#meter.flush();
    this.#flushOutput();
    await this.#told;
  }

  #flushOutput(): void {
    this.#cancelOutput?.();
    this.#cancelOutput = null;
    const text = this.#output;
    this.#output = '';
    if (text !== '') this.#tell('output', [text]);
  }

  #tell(method: ContextMethod, args: readonly unknown[]): void {
    const call = this.#nextCall();
    this.#told = this.#told.then(() => this.#send(method, args, call)).catch(() => undefined); // nobody waits for it
  }

  async #ask(method: ContextMethod, args: readonly unknown[]): Promise<unknown> {
    const { packer } = this.parts;
    const answer = await this.#send(method, args, this.#nextCall());
    return packer.unpack(answer as ReturnType<Packer['pack']>);
  }

  #send(method: ContextMethod, args: readonly unknown[], call: string): Promise<unknown> {
    const { link, packer, id: task, over: signal } = this.parts;
    const ask = { ask: 'context', task, method, args: packer.pack(args), call } as const;
    return link.ask(() => ask, { signal, patienceMs: Infinity });
  }

  #nextCall(): string {
    this.#calls += 1;
    return `${String(this.environment['FENCE'])}:${this.#calls}`;
  }
}
