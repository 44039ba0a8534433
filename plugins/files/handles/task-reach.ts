import type { Dispatcher, Settings } from 'dispatcher';
import type { FilesSettings } from '../files.settings.js';
import { closeLocated } from './located.js';
import { locate } from './locate.js';
import { Reach } from './reach.js';

/** The parts of a task that say how far it may reach. */
export interface ReachingTask {
  readonly dispatcher: Dispatcher;
  readonly settings: Settings<FilesSettings>;
  readonly environment: Readonly<Record<string, unknown>>;
}

/**
 * Everywhere for whoever submitted the task as admin, service or plugin, below the roots of the
 * setting for all others; in no case into what is the server's own.
 */
export async function reachOf(task: ReachingTask): Promise<Reach> {
  const own = await task.dispatcher.callSync<string[]>('management.own_paths');
  const { roots } = task.settings.value;
  return Reach.of({ own, roots: isAdministrator(task) ? null : await identitiesOf(roots) });
}

/** Whether whoever submitted the task has the role admin, as services and plugins have. */
export function isAdministrator({ environment }: Pick<ReachingTask, 'environment'>): boolean {
  const roles = environment['SENDER_ROLES'];
  return Array.isArray(roles) && roles.includes('admin');
}

/** A root that is not there lets nobody in. */
async function identitiesOf(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(paths.map(identityOf));
  return new Set(found.flatMap((id) => id ?? []));
}

async function identityOf(path: string): Promise<string | null> {
  try {
    const located = await locate(path, Reach.EVERYWHERE);
    await closeLocated(located);
    return located.self?.id ?? null;
  } catch {
    return null;
  }
}
