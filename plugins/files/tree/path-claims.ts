import type { Claims } from 'dispatcher';
import { plainPath } from '../handles/locate.js';
import { type ReachingTask, reachOf } from '../handles/task-reach.js';

interface PathUse {
  readonly reads?: readonly string[];
  readonly makes?: readonly string[];
}

/**
 * Claims on paths: what is read is shared with others that read it, what is made is this task's
 * alone, and each stands on the file system that carries it. The storage plugin keeps a resource
 * for each path as long as the task has not ended.
 *
 * @throws TaskException when one of them is out of the task's reach
 */
export async function claimPaths(
  task: ReachingTask & { readonly id: number },
  { reads = [], makes = [] }: PathUse,
): Promise<Claims> {
  const reach = await reachOf(task);
  const claim = async (path: string, mode: 'shared' | 'exclusive') => ({
    path: await plainPath(path, reach),
    mode,
  });
  const claims = [];
  for (const path of reads) claims.push(await claim(path, 'shared'));
  for (const path of makes) claims.push(await claim(path, 'exclusive'));
  return task.dispatcher.callSync<Claims>('storage.path.reserve', task.id, claims);
}
