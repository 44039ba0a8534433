import { decodeExtended } from '../../src/common/index.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { PATHS } from '../paths.js';
import type { RowContext } from '../rows/row.js';
import { RpcCaller } from './rpc-caller.js';

const CONNECTIONS = 4;

/** A row of which only the end matters here. */
interface EndedTask {
  readonly state: string;
  readonly error: { readonly message: string } | null;
}

/** The product with tasks that do nothing, and clients that submit them. */
export class TaskLoad {
  #turn = 0;

  private constructor(
    readonly pid: number,
    private readonly callers: readonly RpcCaller[],
    private readonly stop: () => Promise<void>,
  ) {}

  static async open({ options }: RowContext): Promise<TaskLoad> {
    const config = { 'plugin-dirs': [PATHS.taskPlugins], 'shipped-plugins': false };
    const subject = dispatcher({ entry: options.server, config });
    const server = await subject.start();
    try {
      const connect = (): Promise<RpcCaller> => RpcCaller.open({ server, subject });
      const callers = await Promise.all(Array.from({ length: CONNECTIONS }, connect));
      return new TaskLoad(server.pid, callers, () => server.stop());
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  submit(name: string, ...args: unknown[]): Promise<number> {
    return this.#next().call<number>('task.submit', name, args);
  }

  /** @throws (rejects with) Error when the task does not finish */
  async finished(id: number): Promise<void> {
    const { state, error } = await this.#next().call<EndedTask>('task.wait', id);
    if (state !== 'FINISHED') throw new Error(`Task ${id}: ${state}, ${error?.message ?? ''}`);
  }

  /** What the store keeps of a task, but for its number. */
  async rowOf(id: number): Promise<Readonly<Record<string, unknown>>> {
    const row = await this.#next().call<Record<string, unknown>>('task.status', id);
    delete row['id'];
    return decodeExtended(row) as Readonly<Record<string, unknown>>;
  }

  /** From the submit to the end that everybody can read. */
  async run(name: string, ...args: unknown[]): Promise<void> {
    await this.finished(await this.submit(name, ...args));
  }

  /** What is submitted from now on waits, until it is opened. */
  async closeGate(): Promise<void> {
    const id = await this.submit('bench.hold');
    for (;;) {
      const { state } = await this.#next().call<EndedTask>('task.status', id);
      if (state === 'EXECUTING') return;
    }
  }

  async openGate(): Promise<void> {
    await this.#next().call('bench_tasks.open');
  }

  async close(): Promise<void> {
    await Promise.all(this.callers.map((caller) => caller.close()));
    await this.stop();
  }

  #next(): RpcCaller {
    this.#turn = (this.#turn + 1) % this.callers.length;
    return this.callers[this.#turn]!;
  }
}
