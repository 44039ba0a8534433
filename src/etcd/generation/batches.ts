import { deferred, Errno, RpcException } from '../../common/index.js';
import type { GenerationReason, GenerationReport } from '../model/index.js';

/** Requests that wait for one and the same generation. */
interface Batch {
  readonly reason: GenerationReason;
  readonly confirmSeconds: number | undefined;
  readonly names: Set<string>;
  readonly report: ReturnType<typeof deferred<GenerationReport>>;
}

export interface BatchRequest {
  readonly names: readonly string[];
  readonly reason: GenerationReason;
  readonly confirmSeconds?: number | undefined;
}

export type RunBatch = (request: BatchRequest) => Promise<GenerationReport>;

/** Requests that wait, all batches together. */
const MAX_WAITING = 1_000;

/**
 * One generation at a time. What is asked for while one runs is put together into the next, so that twenty
 * who want the same file cost two renderings and not twenty.
 */
export class Batches {
  readonly #queue: Batch[] = [];
  #running: Promise<void> | null = null;
  #waiting = 0;

  constructor(private readonly run: RunBatch) {}

  /** Resolves when nothing is under way and nothing waits. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** @throws RpcException EBUSY when too many wait */
  async request(request: BatchRequest): Promise<GenerationReport> {
    if (this.#waiting >= MAX_WAITING) {
      throw new RpcException(
        Errno.EBUSY,
        `${MAX_WAITING} requests for generations wait already: ask again when they are done`,
      );
    }
    this.#waiting += 1;
    try {
      const report = await this.#join(request);
      const wanted = new Set(request.names);
      return { ...report, files: report.files.filter((file) => isWanted(file.name, wanted)) };
    } finally {
      this.#waiting -= 1;
    }
  }

  #join({ names, reason, confirmSeconds }: BatchRequest): Promise<GenerationReport> {
    const last = this.#queue.at(-1);
    if (last !== undefined && isAlike(last, { reason, confirmSeconds })) {
      for (const name of names) last.names.add(name);
      return last.report.promise;
    }
    const report = deferred<GenerationReport>();
    this.#queue.push({ reason, confirmSeconds, names: new Set(names), report });
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
    });
    return report.promise;
  }

  async #work(): Promise<void> {
    for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) {
      const { reason, confirmSeconds, names, report } = batch;
      try {
        report.resolve(await this.run({ names: [...names], reason, confirmSeconds }));
      } catch (error) {
        report.reject(error);
      }
    }
  }
}

/** One that is to be confirmed is nobody else's. */
function isAlike(batch: Batch, { reason, confirmSeconds }: Omit<BatchRequest, 'names'>): boolean {
  if (confirmSeconds !== undefined || batch.confirmSeconds !== undefined) return false;
  return batch.reason === reason;
}

/** Files of a set belong to whoever asked for the set. */
function isWanted(name: string, wanted: ReadonlySet<string>): boolean {
  if (wanted.has(name)) return true;
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
    if (wanted.has(name.slice(0, at))) return true;
  }
  return false;
}
