import { ChildProcess } from 'node:child_process';
import { type FromExecutor, markOf } from '../tasks/executor-protocol.js';

/** Groups that one session may lead at once and that are ended with it when the server dies. */
const SLOTS = 255;

interface Spawning {
  spawn: (this: ChildProcess, options: { readonly detached?: boolean }) => number;
}

/**
 * Keeps account of what the task has started and what would outlive the process: by a variable in
 * the environment, which all inherit that are not given another one, and by the numbers of those
 * that lead a group of their own. The server is told, for it outlives this process; the watchdog
 * reads the shared memory, for this process outlives the server.
 */
export class StartedPrograms {
  /** The session, 0 for none, and behind it the leaders of groups. */
  readonly shared = new Int32Array(new SharedArrayBuffer((1 + SLOTS) * 4));
  #count = 0;

  constructor(
    readonly executor: string,
    private readonly send: (message: FromExecutor) => void,
  ) {}

  /** A step of that session begins. */
  enter(epoch: number): void {
    const { name, value } = markOf(this.executor, epoch);
    process.env[name] = value;
    if (this.shared[0] !== epoch) this.#forget();
    this.shared[0] = epoch;
  }

  /** What a task that has ended left running is there on purpose. */
  leave(): void {
    this.shared[0] = 0;
    this.#forget();
  }

  /** From now on hears of every program that Node.js starts for a task. */
  watch(): void {
    const { prototype } = ChildProcess as unknown as {
      readonly prototype: ChildProcess & Spawning;
    };
    const spawn = prototype.spawn;
    const note = (child: ChildProcess): void => this.#note(child);
    prototype.spawn = function (this: ChildProcess, options) {
      const status = spawn.call(this, options);
      if (options.detached === true) note(this);
      return status;
    };
  }

  #note({ pid }: ChildProcess): void {
    const epoch = this.shared[0] ?? 0;
    if (pid === undefined || epoch === 0) return;
    this.shared[1 + (this.#count % SLOTS)] = pid;
    this.#count += 1;
    this.send({ kind: 'started', session: epoch, pid });
  }

  #forget(): void {
    this.shared.fill(0, 1);
    this.#count = 0;
  }
}
