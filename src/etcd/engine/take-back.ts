import { findAt, isSameSide, putBack } from '../commit/index.js';
import type { StoredGeneration, StoredStep } from '../state/index.js';
import { actionKey } from './action-runner.js';
import type { Workshop } from './ports.js';

/**
 * Takes back a whole generation that was done: each of its files that is still as it left it, the last
 * one first, and then its actions. Returns those that are as before.
 */
export async function takeBackGeneration(
  { id, steps }: StoredGeneration,
  { disk, logger, actions, settings, redact }: Workshop,
): Promise<readonly StoredStep[]> {
  const back: StoredStep[] = [];
  for (const step of [...steps].reverse()) {
    const { name, at, before, after, writes, attributes } = step;
    try {
      const { side } = await findAt(at, disk);
      if (!isSameSide(side, after)) {
        logger.warn(`${name} was changed since generation ${id} and is not taken back`);
        continue;
      }
      await putBack(at, before, { disk, restoring: { generation: id, writes, attributes } });
      back.push(step);
    } catch (error) {
      logger.error(`${name} cannot be taken back: ${redact((error as Error).message)}`);
    }
  }
  if (settings.actions !== 'run') return back;
  const distinct = new Map(
    [...back]
      .reverse()
      .flatMap(({ reload }) => reload.map((action) => [actionKey(action), action])),
  );
  for (const action of distinct.values()) {
    const { outcome, output } = await actions.run(action);
    if (outcome === 'failed' || outcome === 'timed_out') {
      logger.error(`After generation ${id} was taken back: ${redact(output ?? outcome)}`);
    }
  }
  return back;
}
