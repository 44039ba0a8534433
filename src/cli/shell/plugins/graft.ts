import { BUILT_INS } from '../words-table.js';
import { type Callable, type Namespace, topOf, derivedCommands } from '../namespaces/index.js';
import type { LoadedPlugin, PluginCommand } from './loaded-plugin.js';

/** A plugin that cannot be there beside what the server and the others have, and why. */
interface Clash {
  readonly plugin: LoadedPlugin;
  readonly reason: string;
}

interface Grafted {
  readonly root: Namespace;
  readonly clashes: readonly Clash[];
}

/**
 * The tree of the server with what plugins bring in it. A plugin that would take the place of something
 * without saying so is left out whole.
 */
export function graft(root: Namespace, plugins: readonly LoadedPlugin[]): Grafted {
  let tree = root;
  const clashes: Clash[] = [];
  for (const plugin of plugins) {
    const reason = clashOf(tree, plugin);
    if (reason !== null) clashes.push({ plugin, reason });
    else tree = withPlugin(tree, plugin);
  }
  return { root: tree, clashes };
}

function clashOf(root: Namespace, { commands, namespaces }: LoadedPlugin): string | null {
  for (const path of namespaces.keys()) {
    const words = path.split(' ');
    const taken = words.findIndex((word, at) => {
      const parent = namespaceAt(root, words.slice(0, at));
      return parent !== null && !parent.children.has(word) && parent.commands.has(word);
    });
    if (taken !== -1) return `its namespace ${path} would hide the command ${path}`;
  }
  for (const command of commands) {
    const what = command.isOverride ? null : shadowed(root, command);
    if (what !== null) {
      return `its command ${[...command.path, command.name].join(' ')} would hide ${what}: @command({ override: true }) says that it is meant to`;
    }
  }
  return null;
}

/** What the command would take the place of; null when there is nothing. */
function shadowed(root: Namespace, { path, name }: PluginCommand): string | null {
  if (BUILT_INS.has(name)) return `the word ${name} of the shell`;
  const namespace = namespaceAt(root, path);
  if (namespace === null) return null;
  const there = namespace.commands.get(name);
  if (there !== undefined) return whatIs(there);
  if (namespace.children.has(name)) return `the namespace ${[...path, name].join(' ')}`;
  const isDerived = derivedCommands(topOf(namespace)).some((one) => one === name);
  return isDerived ? `${name} of ${path.join(' ')}` : null;
}

function whatIs(callable: Callable): string {
  switch (callable.kind) {
    case 'method':
      return `the method ${callable.method}`;
    case 'task':
      return `the task ${callable.task}`;
    case 'plugin':
      return `that of the plugin ${callable.plugin}`;
  }
}

function namespaceAt(root: Namespace, path: readonly string[]): Namespace | null {
  let found: Namespace | undefined = root;
  for (const word of path) found = found?.children.get(word);
  return found ?? null;
}

function withPlugin(root: Namespace, plugin: LoadedPlugin): Namespace {
  const { commands, namespaces, parts } = plugin;
  let tree = root;
  for (const [path, description] of namespaces) {
    tree = changed(tree, path.split(' '), (namespace) => ({
      ...namespace,
      description: namespace.description === '' ? description : namespace.description,
    }));
  }
  for (const command of commands) {
    tree = changed(tree, command.path, (namespace) => ({
      ...namespace,
      commands: new Map([...namespace.commands, [command.name, callableOf(command)]]),
    }));
  }
  for (const [service, columns] of Object.entries(parts.columns ?? {})) {
    const path = service.split('.');
    if (namespaceAt(root, path)?.entity == null || !Array.isArray(columns)) continue;
    tree = changed(tree, path, (namespace) => ({
      ...namespace,
      entity: namespace.entity && { ...namespace.entity, columns: columns.map(String) },
    }));
  }
  return tree;
}

/** The same tree with another namespace at a path; what is missing on the way is made. */
function changed(
  namespace: Namespace,
  path: readonly string[],
  change: (namespace: Namespace) => Namespace,
): Namespace {
  const [word, ...rest] = path;
  if (word === undefined) return change(namespace);
  const child = namespace.children.get(word) ?? emptyNamespace(word, namespace.path);
  return {
    ...namespace,
    children: new Map([...namespace.children, [word, changed(child, rest, change)]]),
  };
}

function emptyNamespace(name: string, above: readonly string[]): Namespace {
  return {
    name,
    path: [...above, name],
    description: '',
    children: new Map(),
    commands: new Map(),
    hiddenTasks: new Map(),
    entity: null,
    config: null,
  };
}

function callableOf(command: PluginCommand): Callable {
  const { name, description, signature, least, plugin } = command;
  return {
    kind: 'plugin',
    name,
    description,
    signature,
    least,
    plugin: plugin.name,
    handler: command,
  };
}
