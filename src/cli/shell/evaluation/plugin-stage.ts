import { UsageError } from '../../exit-status.js';
import type { Flow } from './flow.js';
import type { ReadStage } from './prepared-pipeline.js';

/** A stage that a plugin of the shell brings. */
export function pluginStageFlow({ name }: Extract<ReadStage, { kind: 'plugin' }>): Promise<Flow> {
  throw new UsageError(`${name}: plugins are not there yet`);
}
