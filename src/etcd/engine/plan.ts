import type {
  EtcdSettings,
  FileReport,
  Generation,
  GenerationReport,
  Outcome,
} from '../model/index.js';
import { wantedActions } from './acting.js';
import { difference } from './difference.js';
import type { Item } from './item.js';

/** What a generation would do, from what was found when its files were compared. */
export function planOf(
  { id, reason, startedAt }: Generation,
  items: readonly Item[],
  { actions: mode }: Pick<EtcdSettings, 'actions'>,
): GenerationReport {
  for (const item of items) if (item.hasStep) item.outcome = outcomeOf(item);
  const steps = items.filter(({ outcome }) => isStep(outcome));
  const outcome = mode === 'off' ? 'off' : 'planned';
  return {
    id,
    reason,
    started_at: startedAt,
    finished_at: new Date(),
    files: items.map(planned),
    actions: wantedActions(steps).map(({ action }) => ({ action, outcome })),
  };
}

const isStep = (outcome: Outcome | null): boolean =>
  outcome === 'created' || outcome === 'changed' || outcome === 'removed';

function outcomeOf({ comparison }: Item): Outcome {
  if (comparison?.step === 'create') return 'created';
  return comparison?.step === 'remove' ? 'removed' : 'changed';
}

function planned(item: Item): FileReport {
  const report = item.report();
  const { comparison, file } = item;
  if (!isStep(item.outcome) || comparison === null || file.isSensitive) return report;
  const { found, wanted } = comparison;
  if (found.side.kind === 'file' && !item.changes.includes('contents') && wanted !== null) {
    return report;
  }
  return { ...report, diff: difference(file.path, found.content, wanted?.content ?? null) };
}
