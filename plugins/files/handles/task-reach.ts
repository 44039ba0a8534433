import type { ConfigStore, Dispatcher } from 'dispatcher';
import { isAbsolute } from 'node:path';
import { closeLocated } from './located.js';
import { locate } from './locate.js';
import { Reach, ROOTS_KEY } from './reach.js';

/** The parts of a task that say how far it may reach. */
export interface ReachingTask {
  readonly dispatcher: Dispatcher;
  readonly configstore: ConfigStore;
  readonly environment: Readonly<Record<string, unknown>>;
}

/**
 * Everywhere for whoever submitted the task as admin, service or plugin, below the roots of the
 * setting for all others; in no case into what is the server's own.
 */
export async function reachOf(task: ReachingTask): Promise<Reach> {
  const own = await task.dispatcher.callSync<string[]>('management.own_paths');
  return Reach.of({ own, roots: isAdministrator(task) ? null : await rootsOf(task.configstore) });
}

/** Whether whoever submitted the task has the role admin, as services and plugins have. */
export function isAdministrator({ environment }: Pick<ReachingTask, 'environment'>): boolean {
  const roles = environment['SENDER_ROLES'];
  return Array.isArray(roles) && roles.includes('admin');
}

/** A root that is not there, or cannot be meant so, lets nobody in. */
async function rootsOf(configstore: ConfigStore): Promise<ReadonlySet<string>> {
  const listed: unknown = await configstore.get(ROOTS_KEY);
  const paths = Array.isArray(listed) ? listed.filter(isPath) : [];
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

function isPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value) && !value.includes('\0');
}
