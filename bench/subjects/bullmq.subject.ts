import { Queue, Worker } from 'bullmq';
import type { LocalRedis } from './redis.js';

const QUEUE = 'bench';

/** Jobs that do nothing, added and processed in this process as its users do, over a Redis of its own. */
export class BullJobs {
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  private constructor({ path }: LocalRedis, inFlight: number) {
    const connection = { path, maxRetriesPerRequest: null };
    this.#queue = new Queue(QUEUE, { connection });
    this.#worker = new Worker(QUEUE, () => Promise.resolve(null), {
      connection,
      concurrency: inFlight,
    });
    // each call in flight listens for itself in there, and Node.js takes that for a leak
    for (const emitter of [this.#queue, this.#worker]) emitter.setMaxListeners(10 * inFlight);
    this.#worker.on('completed', ({ data }: { data: { n: number } }) => {
      this.#waiting.get(data.n)?.();
      this.#waiting.delete(data.n);
    });
    this.#worker.on('error', (error) => console.error(error));
  }

  static async open(redis: LocalRedis, inFlight: number): Promise<BullJobs> {
    const jobs = new BullJobs(redis, inFlight);
    await Promise.all([jobs.#queue.waitUntilReady(), jobs.#worker.waitUntilReady()]);
    return jobs;
  }

  /** From the add to the completion that Redis has on disk. */
  async run(): Promise<void> {
    this.#last += 1;
    const n = this.#last;
    const completed = new Promise<void>((resolve) => this.#waiting.set(n, resolve));
    await this.#queue.add('nothing', { n });
    await completed;
  }

  async close(): Promise<void> {
    await this.#worker.close();
    await this.#queue.close();
  }
}
