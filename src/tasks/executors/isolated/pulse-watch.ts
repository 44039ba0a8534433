import type { Clock } from '../../../events/index.js';
import { factsOf, hasChildren } from '../../../system/index.js';
import type { PooledExecutor } from './pooled-executor.js';

/** Time is counted in looks: a machine that slept, or a server that was stopped, has looked at nothing. */
const LOOK_EVERY_MS = 2_000;
/** Looks in a row that find a process stopped by a signal until it is given up. */
const STOPPED_LOOKS = 3;
/** Looks in a row that find a process silent and idle until it is given up: a minute. */
const SILENT_LOOKS = 30;
const SILENT_S = (SILENT_LOOKS * LOOK_EVERY_MS) / 1_000;

/**
 * Notices executors that have stopped answering without having died. One that computes does not
 * answer either, and one that waits for a program it has started: both are left to the task's own
 * `timeoutMs`. But a process that a signal has stopped, or that for a minute has answered nothing,
 * used no processor time and has no program running, will do nothing more; its task would hold its
 * locks for ever.
 */
export class PulseWatch {
  #cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly executors: Iterable<PooledExecutor>,
  ) {}

  /** Looks again and again as long as there are processes. */
  start(): void {
    this.#cancel ??= this.clock.after(LOOK_EVERY_MS, () => {
      this.#cancel = null;
      let count = 0;
      for (const executor of this.executors) {
        look(executor);
        count += 1;
      }
      if (count > 0) this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}

function look({ process, pulse, state }: PooledExecutor): void {
  const { pid } = process;
  const facts = pid === null || state === 'ending' ? null : factsOf(pid);
  if (pid === null || facts === null) return; // its death is told otherwise, or nothing is known here
  pulse.stopped = facts.state === 'T' ? pulse.stopped + 1 : 0;
  if (pulse.stopped >= STOPPED_LOOKS) {
    process.end('it was stopped by a signal, and nobody let it go on');
    return;
  }
  const isAlive = process.hasBeenHeard() || facts.cpuTicks !== pulse.cpuTicks;
  pulse.cpuTicks = facts.cpuTicks;
  pulse.silent = isAlive || state !== 'executing' ? 0 : pulse.silent + 1;
  if (pulse.silent >= SILENT_LOOKS) {
    if (hasChildren(pid)) pulse.silent = 0;
    else process.end(`it has answered nothing and done nothing for ${SILENT_S} s`);
  }
  if (state === 'executing') process.send({ kind: 'ping' });
}
