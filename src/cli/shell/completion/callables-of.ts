import type { Callable, Place } from '../namespaces/index.js';
import type { Shell } from '../shell.js';

/** All methods or tasks of the tree by their full names. */
export function callablesOf(shell: Shell, kind: 'method' | 'task'): ReadonlyMap<string, Callable> {
  const found = new Map<string, Callable>();
  const visit = ({ namespace }: Pick<Place, 'namespace'>): void => {
    const { commands, hiddenTasks, children } = namespace;
    for (const callable of [...commands.values(), ...hiddenTasks.values()]) {
      if (callable.kind === 'method' && kind === 'method') found.set(callable.method, callable);
      if (callable.kind === 'task' && kind === 'task') found.set(callable.task, callable);
    }
    for (const child of children.values()) visit({ namespace: child });
  };
  visit({ namespace: shell.serverRoot });
  return found;
}
