import { AssertionError } from 'node:assert';
import type { Claim, Claims } from '../sdk/index.js';
import { ResourceGraph, TaskScheduler, type WaitReason } from '../tasks/index.js';

/** Resources with their parents, or a graph that a test has filled: `FakeDispatcher.resourceGraph`. */
export type ClaimGraph = ResourceGraph | Readonly<Record<string, readonly string[]>>;

/**
 * Why a task with the second claims would wait for a running one with the first; nothing when the
 * two run side by side. The server's own graph and scheduler decide.
 *
 * @throws RpcException ENOENT for a parent that the graph does not have; Error for a claim of the
 *   first on a resource that does not exist: it would never run
 * @example
 * const graph = { 'disk:/dev/sda': [], 'filesystem:/srv': ['disk:/dev/sda'] };
 * conflictsBetween(['disk:/dev/sda'], ['filesystem:/srv'], graph)[0].path; // ['filesystem:/srv', 'disk:/dev/sda']
 */
export function conflictsBetween(first: Claims, second: Claims, graph: ClaimGraph): WaitReason[] {
  const started = new Set<number>();
  const failures: Error[] = [];
  const scheduler = new TaskScheduler({
    graph: copyOf(graph),
    onOutcome: (outcome) => {
      if (outcome.kind === 'started') started.add(outcome.task);
      else failures.push(outcome.error);
    },
  });
  scheduler.admit(1, first);
  if (!started.has(1)) throw failures[0] ?? new Error('The first task does not start');
  scheduler.admit(2, second);
  return started.has(2) ? [] : scheduler.explain(2);
}

/**
 * Asserts that two tasks with these claims exclude each other, whichever comes first.
 *
 * @throws AssertionError when they would run side by side
 * @example
 * const format = await verifyTask(FormatTask, ['/dev/sda']);
 * const mount = await verifyTask(MountTask, ['/dev/sda', '/srv']);
 * expectConflict(format, mount, { 'disk:/dev/sda': [] });
 */
export function expectConflict(first: Claims, second: Claims, graph: ClaimGraph): void {
  if (conflictsBetween(first, second, graph).length > 0) return;
  throw new AssertionError({
    message: `Tasks that claim ${told(first)} and ${told(second)} run side by side`,
    actual: 'no conflict',
    expected: 'a conflict',
    operator: 'expectConflict',
    stackStartFn: expectConflict,
  });
}

/**
 * Asserts that two tasks with these claims may run side by side.
 *
 * @throws AssertionError that says where they meet
 * @example
 * expectNoConflict(['disk:/dev/sda'], ['system'], { 'disk:/dev/sda': [] });
 */
export function expectNoConflict(first: Claims, second: Claims, graph: ClaimGraph): void {
  const [reason] = conflictsBetween(first, second, graph);
  if (reason === undefined) return;
  const where = reason.relation === 'missing' ? 'does not exist' : reason.path.join(' - ');
  throw new AssertionError({
    message: `Tasks that claim ${told(first)} and ${told(second)} exclude each other: ${reason.claim.resource}: ${where}`,
    actual: 'a conflict',
    expected: 'no conflict',
    operator: 'expectNoConflict',
    stackStartFn: expectNoConflict,
  });
}

/** A scheduler takes hold of its graph: each comparison has one of its own. */
function copyOf(graph: ClaimGraph): ResourceGraph {
  const copy = new ResourceGraph();
  const entries: (readonly [string, readonly string[]])[] =
    graph instanceof ResourceGraph
      ? graph.list().map(({ name, parents }) => [name, parents] as const)
      : Object.entries(graph);
  const names = entries.map(([name]) => name).filter((name) => copy.find(name) === undefined);
  for (const name of names) copy.register(name, { owner: 'test' });
  const parents = new Map(entries);
  for (const name of names) copy.update(name, { parents: parents.get(name) ?? [] });
  return copy;
}

function told(claims: Claims): string {
  return `[${claims.map((claim: Claim) => (typeof claim === 'string' ? claim : `${claim.resource} (${claim.mode})`)).join(', ')}]`;
}
