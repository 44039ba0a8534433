import type { NodeDirectory } from '../../cluster/index.js';
import type { Placing } from '../site/executor-site.js';
import { hashOfClass } from './class-description.js';

export interface PlacementDependencies {
  readonly directory: NodeDirectory;
  /** Whether this node has a class, of which the others may not have heard yet. */
  readonly hasHere: (name: string) => boolean;
  /** How many tasks that have not ended belong to a node. */
  readonly load: (node: string) => number;
}

/**
 * The node for a new task: the one that its environment names as `node`, the one that it was submitted
 * at if its class wants that, where what it is a part of runs, or the one of those that have its class
 * with the fewest tasks, by name among equals.
 */
export function placeOf(placing: Placing, dependencies: PlacementDependencies): string {
  const { handler, environment, parent, submittedAt } = placing;
  const { directory, hasHere, load } = dependencies;
  const wanted = environment['node'];
  if (typeof wanted === 'string') return wanted;
  if (handler.options.node === 'submitted' && submittedAt !== null) return submittedAt;
  const { self } = directory;
  const able = directory.list().filter(({ name, state, tasks }) => {
    if (name === self.name && hasHere(handler.name)) return state !== 'draining';
    return state === 'live' && Object.hasOwn(tasks, handler.name);
  });
  if (able.some(({ name }) => name === parent)) return parent as string;
  const hash = hashOfClass(handler);
  const alike = able.filter(
    ({ name, tasks }) => name === self.name || tasks[handler.name] === hash,
  );
  const [first, ...others] = alike.length > 0 ? alike : able;
  if (first === undefined) return submittedAt ?? self.name;
  return others.reduce((best, { name }) => {
    const difference = load(name) - load(best);
    return difference < 0 || (difference === 0 && name < best) ? name : best;
  }, first.name);
}
