import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Logger } from '../../sdk/index.js';
import {
  type Disk,
  findAt,
  findPlace,
  isSameSide,
  isTempName,
  putBack,
  type Side,
  withPlace,
} from '../commit/index.js';
import type { Journal, StoredGeneration, StoredStep } from '../state/index.js';

interface Recovering {
  readonly disk: Disk;
  readonly logger: Logger;
}

/**
 * Takes back what a generation had put in place when its process was ended: the next one does it
 * again, with its actions. A file that is neither as before nor as after is somebody else's by now, or
 * was being written in place.
 */
export async function recover(
  generation: StoredGeneration,
  { disk, logger }: Recovering,
): Promise<readonly StoredStep[]> {
  const back: StoredStep[] = [];
  for (const step of [...generation.steps].reverse()) {
    const { at, name, before, after, writes, attributes } = step;
    try {
      const present = await sideAt(at, disk);
      const isTorn = writes === 'in-place' && !isSameSide(present, before);
      if (!isTorn && (!isSameSide(present, after) || isSameSide(present, before))) continue;
      const restoring = { generation: generation.id, writes, attributes };
      await putBack(at, before, { disk, restoring });
      back.push(step);
      logger.warn(`${name} is as before generation ${generation.id}, which did not end`);
    } catch (error) {
      logger.error(
        `${name} stays as generation ${generation.id} left it: ${(error as Error).message}`,
      );
    }
  }
  return back;
}

async function sideAt(at: string, disk: Disk): Promise<Side> {
  return (await findAt(at, disk)).side;
}

/** Removes temporary files that were left beside managed files, and beside those that were to be. */
export async function removeStaleTemps(
  journal: Journal,
  { disk, logger }: Recovering,
): Promise<void> {
  const folders = new Map<string, Set<string>>();
  const add = (at: string): void => {
    const names = folders.get(dirname(at)) ?? new Set();
    folders.set(dirname(at), names.add(basename(at)));
  };
  for (const { at } of journal.files.values()) add(at);
  for (const { steps } of journal.generations.values()) for (const { at } of steps) add(at);
  const generations = [...journal.generations.keys()];
  for (const [folder, targets] of folders) {
    const removed = await sweep(folder, { targets, generations, disk }).catch(() => 0);
    if (removed > 0) logger.info(`${removed} temporary files of before are removed from ${folder}`);
  }
}

interface Sweep {
  readonly targets: ReadonlySet<string>;
  readonly generations: readonly string[];
  readonly disk: Disk;
}

async function sweep(folder: string, { targets, generations, disk }: Sweep): Promise<number> {
  const place = await findPlace(`${folder}/x`, disk);
  if (place === null) return 0;
  return withPlace(place, async ({ folder: opened }) => {
    let removed = 0;
    for (const name of await readdir(opened.self)) {
      const isOurs =
        isTempOf(name, targets) ||
        generations.some((id) => isTempName(name, id) || isTempName(name, `${id}-back`));
      if (!isOurs) continue;
      const stats = await opened.lstat(name);
      if (stats.isDirectory()) continue;
      await unlink(opened.at(name));
      removed += 1;
    }
    return removed;
  });
}

function isTempOf(name: string, targets: ReadonlySet<string>): boolean {
  if (!isTempName(name, null)) return false;
  const middle = name.slice(1, -'.tmp'.length);
  return targets.has(middle.slice(0, middle.lastIndexOf('.')));
}
