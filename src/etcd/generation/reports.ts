import { Errno, RpcException } from '../../common/index.js';
import type { GenerationReport } from '../model/index.js';

/** @throws RpcException EIO naming the files that failed, with the report as `extra` */
export function assertDone(report: GenerationReport): GenerationReport {
  const failed = report.files.filter(
    ({ outcome }) => outcome === 'failed' || outcome === 'rolled_back',
  );
  if (failed.length === 0) return report;
  const names = failed.map(({ name, error }) => `${name} (${error?.stage ?? 'action'})`).join(', ');
  throw new RpcException(Errno.EIO, `Generation failed: ${names}`, report);
}
