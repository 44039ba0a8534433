import { fileErrorOf, findAt } from '../commit/index.js';
import type { FileReport, Generation, GenerationReport, Outcome } from '../model/index.js';
import { wantedActions } from './acting.js';
import { difference } from './difference.js';
import type { Item } from './item.js';
import type { Workshop } from './ports.js';

type PlanPorts = Pick<Workshop, 'disk' | 'redact' | 'settings'>;

/** What a generation would do, from what was found when its files were compared. */
export async function planOf(
  { id, reason, startedAt }: Generation,
  items: readonly Item[],
  ports: PlanPorts,
): Promise<GenerationReport> {
  for (const item of items) if (item.hasStep) item.outcome = outcomeOf(item);
  const outcome = ports.settings.actions === 'off' ? 'off' : 'planned';
  const files: FileReport[] = [];
  for (const item of items) files.push(await planned(item, ports));
  const steps = items.filter(({ outcome }) => isStep(outcome));
  return {
    id,
    reason,
    started_at: startedAt,
    finished_at: new Date(),
    files,
    actions: wantedActions(steps).map(({ action }) => ({ action, outcome })),
  };
}

const isStep = (outcome: Outcome | null): boolean =>
  outcome === 'created' || outcome === 'changed' || outcome === 'removed';

function outcomeOf({ comparison }: Item): Outcome {
  if (comparison?.step === 'create') return 'created';
  return comparison?.step === 'remove' ? 'removed' : 'changed';
}

async function planned(item: Item, { disk, redact }: PlanPorts): Promise<FileReport> {
  const report = item.report();
  const { comparison, file } = item;
  if (!isStep(item.outcome) || comparison === null || file.isSensitive) return report;
  const { at, before, wanted } = comparison;
  if (before.kind === 'file' && !item.changes.includes('contents') && wanted !== null) {
    return report;
  }
  try {
    const { content } = await findAt(at, disk);
    return { ...report, diff: difference(file.path, content, wanted?.content ?? null) };
  } catch (error) {
    item.fail(fileErrorOf(error, redact)); // something else lies there since it was compared
    return item.report();
  }
}
