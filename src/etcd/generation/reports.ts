import { Errno, RpcException } from '../../common/index.js';
import type { GenerationReport } from '../model/index.js';

/** The latest generations, for `etcd.generation.query`. */
const MAX_KEPT = 500;

export class Reports {
  readonly #kept: GenerationReport[] = [];

  add(report: GenerationReport): void {
    this.#kept.push(report);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
  }

  get all(): readonly GenerationReport[] {
    return this.#kept;
  }
}

/** @throws RpcException EIO naming the files that failed, with the report as `extra` */
export function assertDone(report: GenerationReport): GenerationReport {
  const failed = report.files.filter(
    ({ outcome }) => outcome === 'failed' || outcome === 'rolled_back',
  );
  if (failed.length === 0) return report;
  const names = failed.map(({ name, error }) => `${name} (${error?.stage ?? 'action'})`).join(', ');
  throw new RpcException(Errno.EIO, `Generation failed: ${names}`, report);
}
