import type { TaskOrigin } from '../../task-handler.js';
import type { ExecutorProcess } from './executor-process.js';

/** How often in a row a process was found so, and the processor time that it had used by then. */
class Pulse {
  stopped = 0;
  silent = 0;
  cpuTicks = -1;
}

export type ExecutorState = 'starting' | 'idle' | 'executing' | 'ending';

/** What the pool knows of one of its processes. */
export class PooledExecutor {
  state: ExecutorState = 'starting';
  /** The task that it runs. */
  task: number | null = null;
  /** How many tasks it has been given. */
  runs = 0;
  /** Why it is to run no more tasks; null as long as it may. */
  spent: string | null = null;
  /** Stops the clock that would end it for being idle. */
  cancelIdle: (() => void) | null = null;
  readonly pulse = new Pulse();
  readonly #generations = new Map<string, number>();
  #epoch = 0;

  constructor(
    readonly index: number,
    readonly process: ExecutorProcess,
  ) {}

  nextEpoch(): number {
    this.#epoch += 1;
    return this.#epoch;
  }

  /** Whether it could run the code: never two generations of one plugin in one process. */
  fits({ plugin, generation }: TaskOrigin): boolean {
    return (this.#generations.get(plugin) ?? generation) === generation;
  }

  has({ plugin, generation }: TaskOrigin): boolean {
    return this.#generations.get(plugin) === generation;
  }

  /** From now on it has, or half has, that code. */
  note({ plugin, generation }: TaskOrigin): void {
    this.#generations.set(plugin, generation);
  }

  holds(plugin: string): boolean {
    return this.#generations.has(plugin);
  }
}
