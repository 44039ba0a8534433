import type { Claims, Dispatcher } from 'dispatcher';

interface PathUse {
  readonly reads?: readonly string[];
  readonly makes?: readonly string[];
}

/**
 * Claims on paths: what is read is shared with others that read it, what is made is this task's
 * alone, and each stands on the file system that carries it. The storage plugin keeps a resource
 * for each path as long as the task has not ended.
 */
export function claimPaths(
  task: { readonly id: number; readonly dispatcher: Dispatcher },
  { reads = [], makes = [] }: PathUse,
): Promise<Claims> {
  return task.dispatcher.callSync<Claims>('storage.path.reserve', task.id, [
    ...reads.map((path) => ({ path, mode: 'shared' })),
    ...makes.map((path) => ({ path, mode: 'exclusive' })),
  ]);
}
