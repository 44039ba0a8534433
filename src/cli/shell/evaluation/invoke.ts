import { withArgumentNames } from '../../call/bound-arguments.js';
import { jsonText } from '../../output/index.js';
import { CommandError, EXIT } from '../../exit-status.js';
import { finished } from '../../task/watch-task.js';
import type { BoundArguments } from '../../values/index.js';
import type { TaskPlan } from '../../../wire/index.js';
import type { Entity, MethodCallable, TaskCallable } from '../namespaces/index.js';
import type { Shape } from '../stages/index.js';
import { callMethod, connected, type Evaluation } from './evaluation.js';
import { type Flow, flowOf, NONE } from './flow.js';
import type { Source } from './source.js';

type Direct = MethodCallable | TaskCallable;

/** A call or a task with arguments that are bound. */
export function actionOf(
  callable: Direct,
  bound: BoundArguments,
  { evaluation, shape }: { readonly evaluation: Evaluation; readonly shape: Shape },
): Source {
  const what = describe(callable, bound);
  const common = { kind: 'action', what, where: 'server', shape } as const;
  if (callable.kind === 'method') {
    return { ...common, run: () => runMethod(callable, bound, evaluation) };
  }
  return {
    ...common,
    plan: () => planTask(callable, bound, evaluation),
    run: () => runTask(callable, bound, evaluation),
  };
}

/** `probe.add [2,3]`; passwords are not shown. */
function describe(callable: Direct, { args }: BoundArguments): string {
  const name = callable.kind === 'task' ? `submit ${callable.task}` : `call ${callable.method}`;
  return `${name} ${jsonText(withoutSecrets(args))}`;
}

export function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if ('$password' in value) return { $password: '<hidden>' };
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutSecrets(item)] as const),
  );
}

/** In a dry run it is said, and not done. */
async function runMethod(
  method: MethodCallable,
  { args, names }: BoundArguments,
  evaluation: Evaluation,
): Promise<Flow> {
  if (evaluation.isDry && !method.isQuery)
    return said(describe(method, { args, names }), evaluation);
  if (method.isStream) {
    await connected(evaluation);
    const { client } = evaluation.shell.session;
    const rows = client.stream(method.method, args, { signal: evaluation.signal });
    return { kind: 'rows', rows, columns: null };
  }
  const answer = await withArgumentNames(names, () => callMethod(evaluation, method.method, args));
  return method.result !== null && isNothing(method.result) && answer === null
    ? NONE
    : flowOf(answer);
}

/** A method that answers with nothing but null has nothing to show. */
const isNothing = (schema: unknown): boolean =>
  (schema as { readonly type?: unknown }).type === 'null';

async function runTask(
  task: TaskCallable,
  bound: BoundArguments,
  evaluation: Evaluation,
): Promise<Flow> {
  const { shell, io, signal } = evaluation;
  const args = listOf(bound);
  if (evaluation.isDry) return said(describe(task, bound), evaluation);
  if (shell.collected !== null) {
    shell.collected.push({ task: task.task, args });
    io.notices.write(`${shell.collected.length} collected: ${describe(task, bound)}\n`);
    return NONE;
  }
  await connected(evaluation);
  const id = await withArgumentNames(bound.names, () =>
    shell.session.client.tasks.submit(task.task, args, { signal }),
  );
  return followed({ id, name: task.task }, evaluation);
}

/** The result of a task that the line began; nothing when it goes on without being watched. */
export async function followed(
  task: { readonly id: number; readonly name: string },
  { shell, io, isBackground }: Evaluation,
): Promise<Flow> {
  if (isBackground) {
    shell.jobs.set(task.id, task);
    io.onBackground(task);
    return NONE;
  }
  const row = await io.followTask(task);
  if (row === null) {
    shell.jobs.set(task.id, task);
    return NONE;
  }
  const { result } = finished(row);
  return result === null ? NONE : flowOf(result);
}

/** A task has its arguments by position; an object is the first of them. */
function listOf({ args }: BoundArguments): readonly unknown[] {
  return Array.isArray(args) ? (args as readonly unknown[]) : [args];
}

async function planTask(task: TaskCallable, bound: BoundArguments, evaluation: Evaluation) {
  if (!hasMethod(evaluation, 'task', 'plan')) {
    throw new CommandError(
      EXIT.failed,
      'This server cannot say what a task would do: no task.plan',
    );
  }
  const args = listOf(bound);
  const plan = await withArgumentNames(bound.names, () =>
    callMethod(evaluation, 'task.plan', [task.task, args]),
  );
  const { resources, description } = plan as TaskPlan;
  return {
    hasChanges: true,
    value: { task: task.task, description, resources, held: await holders(resources, evaluation) },
  };
}

interface ResourceRow {
  readonly name: string;
  readonly holders: readonly { readonly task: number; readonly mode: string }[];
}

/** Which of the resources tasks have now, as far as this user may know. */
async function holders(
  resources: TaskPlan['resources'],
  evaluation: Evaluation,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const names = new Set(resources.map((claim) => nameOfClaim(claim)));
  const rows = (await callMethod(evaluation, 'task.list_resources').catch(
    () => [],
  )) as readonly ResourceRow[];
  const held = rows.filter((row) => names.has(row.name) && row.holders.length > 0);
  return Object.fromEntries(held.map((row) => [row.name, row.holders.map(({ task }) => task)]));
}

const nameOfClaim = (claim: TaskPlan['resources'][number]): string =>
  typeof claim === 'string' ? claim : claim.resource;

export function hasMethod({ shell }: Evaluation, service: string, method: string): boolean {
  let namespace: typeof shell.root | undefined = shell.serverRoot;
  for (const name of service.split('.')) namespace = namespace?.children.get(name);
  return namespace?.commands.get(method)?.kind === 'method';
}

export function said(text: string, { io }: Evaluation): Flow {
  io.output.write(`${text}\n`);
  return NONE;
}

export const entityShape = ({
  properties,
  definitions,
}: Pick<Entity, 'properties' | 'definitions'>): Shape => ({
  properties,
  definitions,
});
