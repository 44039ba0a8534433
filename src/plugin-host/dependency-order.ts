/** A plugin and the names of those it wants loaded first. */
export interface DependencyNode {
  readonly name: string;
  readonly depends: readonly string[];
  /** Goes first among equals: what comes with the product has its names before anybody else. */
  readonly isShipped?: boolean;
}

/** In which order to load, and who cannot be because it waits for itself. */
export interface LoadPlan {
  /** Every plugin that is on no cycle: dependencies first, else the shipped ones, else by name. */
  readonly order: readonly string[];
  /** The members of cycles, each with the whole cycle: `a -> b -> a`. */
  readonly cycles: ReadonlyMap<string, string>;
}

/**
 * Plans the loading of `nodes`. Dependencies that are not among them are somebody else's to judge
 * and do not influence the order.
 */
export function planLoading(nodes: readonly DependencyNode[]): LoadPlan {
  const graph = new Map([...nodes].sort(byName).map((node) => [node.name, node]));
  const cycles = findCycles(graph);
  const waiting = [...graph.values()].filter(({ name }) => !cycles.has(name));
  const order: string[] = [];
  // Taking the first that is ready, again and again, gives the one order that names decide. The
  // quadratic cost is nothing: there are dozens of plugins.
  while (waiting.length > 0) {
    const pending = new Set(waiting.map(({ name }) => name));
    const ready = waiting.findIndex(({ depends }) => !depends.some((name) => pending.has(name)));
    const [next] = waiting.splice(Math.max(ready, 0), 1);
    if (next !== undefined) order.push(next.name);
  }
  return { order, cycles };
}

/** Every plugin that depends on one of `names`, directly or through others, and `names` themselves. */
export function withDependents(
  names: Iterable<string>,
  nodes: readonly DependencyNode[],
): Set<string> {
  const affected = new Set(names);
  let sizeBefore: number;
  do {
    sizeBefore = affected.size;
    for (const { name, depends } of nodes) {
      if (depends.some((dependency) => affected.has(dependency))) affected.add(name);
    }
  } while (affected.size > sizeBefore);
  return affected;
}

function findCycles(graph: ReadonlyMap<string, DependencyNode>): Map<string, string> {
  const cycles = new Map<string, string>();
  for (const name of graph.keys()) {
    if (cycles.has(name)) continue;
    const path = pathBackTo(name, graph);
    if (path === null) continue;
    const text = [...path, name].join(' -> ');
    for (const member of path) if (!cycles.has(member)) cycles.set(member, text);
  }
  return cycles;
}

/** The shortest way from `start` along dependencies back to it, or null. */
function pathBackTo(
  start: string,
  graph: ReadonlyMap<string, DependencyNode>,
): readonly string[] | null {
  const queue: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (const path of queue) {
    for (const next of graph.get(path.at(-1) ?? '')?.depends ?? []) {
      if (next === start) return path;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push([...path, next]);
    }
  }
  return null;
}

function byName(a: DependencyNode, b: DependencyNode): number {
  if (a.isShipped !== b.isShipped) return a.isShipped === true ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
