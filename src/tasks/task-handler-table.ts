import { coded, OwnedTable } from '../common/index.js';
import type { TaskHandler } from './task-handler.js';

/** Where callers of a plugin wait while it is being reloaded. */
export interface ReloadGate {
  readonly name: string;
  /** False when the time was over, or `signal` fired, before the plugin was back. */
  whenReleased(timeoutMs: number, signal: AbortSignal): Promise<boolean>;
}

/** How long a submit waits for a plugin that is being reloaded. */
const RELOAD_WAIT_MS = 20_000;
const NEVER = new AbortController().signal;

/** How the engine finds task classes. */
export type TaskHandlers = Pick<TaskHandlerTable, 'get' | 'find' | 'require'>;

/** Task classes by name. The names of a plugin that is being reloaded stand for its next generation. */
export class TaskHandlerTable extends OwnedTable<TaskHandler> {
  readonly #reserved = new Map<string, ReloadGate>();
  readonly #listeners = new Set<(plugin: string) => void>();
  readonly #onChange = new Set<() => void>();

  constructor() {
    super('Task handler');
  }

  /** Whoever asks for one of the plugin's tasks waits for its next generation. */
  reserve(gate: ReloadGate): void {
    for (const [name, { owner }] of this.entries()) {
      if (owner === gate.name) this.#reserved.set(name, gate);
    }
    for (const listener of this.#listeners) listener(gate.name);
  }

  /** Calls back whenever a class has come or gone; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#onChange.add(listener);
    return () => void this.#onChange.delete(listener);
  }

  override add(...entry: Parameters<OwnedTable<TaskHandler>['add']>): void {
    super.add(...entry);
    this.#changed();
  }

  override replace(...entry: Parameters<OwnedTable<TaskHandler>['replace']>): void {
    super.replace(...entry);
    this.#changed();
  }

  override remove(name: string, owner: string): TaskHandler {
    const removed = super.remove(name, owner);
    this.#changed();
    return removed;
  }

  #changed(): void {
    for (const listener of this.#onChange) listener();
  }

  /** Calls back with the name of each plugin whose code is about to go. */
  onReload(listener: (plugin: string) => void): void {
    this.#listeners.add(listener);
  }

  unreserve(gate: ReloadGate): void {
    for (const [name, present] of this.#reserved) {
      if (present === gate) this.#reserved.delete(name);
    }
  }

  /** The task class, waited for if its plugin is being reloaded; undefined when there is none. */
  async find(name: string): Promise<TaskHandler | undefined> {
    for (let gate = this.#gateOf(name); gate !== undefined; gate = this.#gateOf(name)) {
      if (!(await gate.whenReleased(RELOAD_WAIT_MS, NEVER))) break;
    }
    return this.get(name);
  }

  /** As {@link find}. @throws (rejects with) RpcException EINVAL when there is no such task class */
  async require(name: string): Promise<TaskHandler> {
    const handler = this.get(name) ?? (await this.find(name));
    if (handler === undefined) throw coded('TASK_UNKNOWN', { task: name });
    return handler;
  }

  #gateOf(name: string): ReloadGate | undefined {
    return this.get(name) === undefined ? this.#reserved.get(name) : undefined;
  }
}
