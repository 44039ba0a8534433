import { PluginFailure, PluginSkipped } from './plugin-failure.js';
import { type Dependency, misfit } from './plugin-version.js';
import type { NotRunning } from './plugin-record.js';
import type { PluginTable } from './plugin-table.js';

/** Why a plugin that depends on `depends` cannot run now; null when it can. */
export function obstacleAmong(
  table: PluginTable,
  depends: readonly Dependency[],
): PluginFailure | null {
  const missing = depends.find(({ name }) => {
    const dependency = table.get(name);
    return dependency === undefined || dependency.status.state === 'unloaded';
  });
  if (missing !== undefined) {
    return new PluginFailure('dependencies', `depends on ${missing.name}, which is not installed`);
  }
  for (const dependency of depends) {
    const { name } = dependency;
    const { status, version = null } = table.get(name) ?? {};
    if (status?.state === 'disabled') {
      return new PluginSkipped(`depends on ${name}, which is disabled`);
    }
    if (status?.state === 'failed') {
      return new PluginSkipped(`depends on ${name}, which failed at stage ${status.stage}`);
    }
    if (status?.state === 'skipped') {
      return new PluginSkipped(`depends on ${name}, which was skipped`);
    }
    const wrong = misfit(dependency, version);
    if (wrong !== null) return new PluginFailure('dependencies', wrong);
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
