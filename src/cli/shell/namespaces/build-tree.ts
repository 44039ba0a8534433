import type { ApiDescription } from '../../../codegen/index.js';
import { methodCallable, taskCallable } from './callables.js';
import { configOf, entityOf } from './entity.js';
import type { Callable, Namespace, TaskCallable } from './namespace.js';

export interface TreeOptions {
  /** Also what is for plugins only. */
  readonly hasPrivate: boolean;
}

interface Draft {
  readonly name: string;
  readonly path: readonly string[];
  readonly children: Map<string, Draft>;
  readonly commands: Map<string, Callable>;
  readonly hiddenTasks: Map<string, TaskCallable>;
}

/**
 * The namespaces of a server: service `a.b` is the namespace `b` in `a`, a method a command of it, and
 * so is a task whose name begins with it. A method keeps a name that a task has as well.
 */
export function buildTree(
  { definitions, methods, tasks }: ApiDescription,
  { hasPrivate }: TreeOptions,
): Namespace {
  const root = draft('', []);
  for (const [service, list] of Object.entries(methods)) {
    const namespace = at(root, service.split('.'));
    for (const description of list) {
      if (description.private && !hasPrivate) continue;
      namespace.commands.set(description.name, methodCallable(service, description, definitions));
    }
  }
  for (const [name, description] of Object.entries(tasks)) {
    if (description.private && !hasPrivate) continue;
    const callable = taskCallable(name, description, definitions);
    const namespace = at(root, name.split('.').slice(0, -1));
    const isTaken = namespace.commands.has(callable.name);
    (isTaken ? namespace.hiddenTasks : namespace.commands).set(callable.name, callable);
  }
  return finished(root, definitions);
}

const draft = (name: string, path: readonly string[]): Draft => ({
  name,
  path,
  children: new Map(),
  commands: new Map(),
  hiddenTasks: new Map(),
});

function at(root: Draft, path: readonly string[]): Draft {
  let found = root;
  for (const name of path) {
    let next = found.children.get(name);
    if (next === undefined) {
      next = draft(name, [...found.path, name]);
      found.children.set(name, next);
    }
    found = next;
  }
  return found;
}

function finished(
  { name, path, children, commands, hiddenTasks }: Draft,
  definitions: ApiDescription['definitions'],
): Namespace {
  const members = { service: path.join('.'), commands, hiddenTasks, definitions };
  return {
    name,
    path,
    description: '',
    children: new Map([...children].map(([key, child]) => [key, finished(child, definitions)])),
    commands,
    hiddenTasks,
    entity: entityOf(members),
    config: configOf(members),
  };
}
