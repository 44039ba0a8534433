import { PluginFailure, PluginSkipped } from './plugin-failure.js';
import type { NotRunning } from './plugin-record.js';
import type { PluginTable } from './plugin-table.js';

/** Why a plugin that depends on `depends` cannot run now; null when it can. */
export function obstacleAmong(
  table: PluginTable,
  depends: readonly string[],
): PluginFailure | null {
  const missing = depends.find((name) => {
    const dependency = table.get(name);
    return dependency === undefined || dependency.status.state === 'unloaded';
  });
  if (missing !== undefined) {
    return new PluginFailure('dependencies', `depends on ${missing}, which is not installed`);
  }
  for (const name of depends) {
    const status = table.get(name)?.status;
    if (status?.state === 'failed') {
      return new PluginSkipped(`depends on ${name}, which failed at stage ${status.stage}`);
    }
    if (status?.state === 'skipped') {
      return new PluginSkipped(`depends on ${name}, which was skipped`);
    }
  }
  return null;
}

/** A failure as a record keeps it. */
export function notRunning(failure: PluginFailure): NotRunning {
  const { stage, message: error } = failure;
  return failure instanceof PluginSkipped
    ? { state: 'skipped', error }
    : { state: 'failed', stage, error };
}
