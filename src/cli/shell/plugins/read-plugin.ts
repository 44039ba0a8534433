import { messageOf } from '../../../common/portable.js';
import { OPTIONAL, type SchemaArg } from '../../../wire/builder/index.js';
import { publish } from '../../../schema/publish.js';
import { toSnakeCase } from '../../../common/index.js';
import { classMetadata, methodMetadata } from '../../../sdk/decorators/index.js';
import { marksOf } from '../../sdk/marks.js';
import { type CliPlugin, type Completer, Namespace, type QueryClient } from '../../sdk/index.js';
import type { Definitions, Signature } from '../../values/index.js';
import type {
  LoadedPlugin,
  PluginCallableCode,
  PluginCommand,
  PluginStage,
} from './loaded-plugin.js';

/** Where a plugin comes from, and what its parts are made with. */
export interface Reading {
  readonly name: string;
  readonly from: string;
  readonly locate: LoadedPlugin['locate'];
  /** For what its namespaces ask when they complete. */
  readonly client: QueryClient;
}

type Made = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

const NAME = /^[\p{L}_][\p{L}\p{N}_-]*$/u;
const MAX_TEXT = 200;

/**
 * What a plugin brings, made ready to be used: its namespaces are constructed, its schemas published.
 *
 * @throws Error saying which part of it makes no sense
 */
export async function readPlugin(plugin: CliPlugin, reading: Reading): Promise<LoadedPlugin> {
  const { parts } = plugin;
  refuseUnfit(parts);
  const { name, from, locate } = reading;
  const commands: PluginCommand[] = [];
  const stages: PluginStage[] = [];
  const namespaces = new Map<string, string>();
  const loaded: LoadedPlugin = { name, from, parts, commands, namespaces, stages, locate };
  for (const type of parts.namespaces ?? []) {
    const path = marksOf(type).namespace;
    if (path === undefined || path.length === 0) {
      throw new Error(`${nameOf(type)} says by no @namespace where it is`);
    }
    path.forEach((word) => assertName(word, `the namespace of ${nameOf(type)}`));
    namespaces.set(path.join(' '), oneLine(classMetadata(type).description ?? ''));
    commands.push(...(await namespaceCommands(type, path, { loaded, reading })));
  }
  for (const type of parts.commands ?? []) {
    commands.push(...(await classCommands(type, loaded)));
  }
  for (const type of parts.stages ?? []) stages.push(await stageOf(type, loaded));
  refuseTwice(
    commands.map(({ path, name: own }) => [...path, own].join(' ')),
    'the command',
  );
  refuseTwice(
    stages.map(({ name: own }) => own),
    'the stage',
  );
  return loaded;
}

/** A file may export anything: lists are lists, and functions functions, before anybody relies on it. */
function refuseUnfit(parts: CliPlugin['parts']): void {
  const all = (parts as unknown) ?? {};
  if (typeof all !== 'object') throw new Error('new CliPlugin() takes an object of its parts');
  const known = new Map([
    ...['depends', 'namespaces', 'commands', 'stages'].map((key) => [key, 'list'] as const),
    ...['aliases', 'formatters', 'completers', 'notices', 'columns'].map(
      (key) => [key, 'object'] as const,
    ),
    ...['onLogin', 'onReconnect', 'cleanup'].map((key) => [key, 'function'] as const),
    ['description', 'string'] as const,
  ]);
  for (const [key, value] of Object.entries(all)) {
    const wanted = known.get(key);
    if (wanted === undefined) {
      throw new Error(
        `there is no ${key} in a CliPlugin: there are ${[...known.keys()].join(', ')}`,
      );
    }
    const is = Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
    if (value !== undefined && is !== wanted) throw new Error(`${key} is no ${wanted}: ${is}`);
  }
  const { namespaces = [], commands = [], stages = [] } = parts;
  const types: readonly unknown[] = [...namespaces, ...commands, ...stages];
  const stranger = types.find((type) => typeof type !== 'function');
  if (stranger !== undefined) throw new Error(`a ${typeof stranger} is no class`);
}

async function namespaceCommands(
  type: new () => Namespace,
  path: readonly string[],
  { loaded, reading }: { readonly loaded: LoadedPlugin; readonly reading: Reading },
): Promise<readonly PluginCommand[]> {
  const instance = new type() as Namespace & Made;
  Object.defineProperty(instance, 'client', { value: reading.client });
  const { commands = [], completers = new Map<string, string>() } = marksOf(type);
  const bound = new Map<string, Completer>(
    [...completers].map(([argument, method]) => [
      argument,
      (prefix, context) => instance[method]?.(prefix, context) as ReturnType<Completer>,
    ]),
  );
  const read: PluginCommand[] = [];
  for (const { method, ...mark } of commands) {
    if (method === null) continue;
    const name = mark.name ?? toSnakeCase(method);
    const said = methodMetadata(type.prototype as object, method) ?? {};
    const what = [...path, name].join(' ');
    const code = await codeOf(loaded, { what, accepts: said.accepts ?? [], params: said.params });
    read.push({
      ...code,
      name: assertName(name, `a command of ${nameOf(type)}`),
      path,
      description: oneLine(said.description ?? ''),
      isOverride: mark.override === true,
      completers: bound,
      invoke: (args, context) => instance[method]?.(...args, context),
    });
  }
  return read;
}

async function classCommands(
  type: new () => object,
  loaded: LoadedPlugin,
): Promise<readonly PluginCommand[]> {
  const marks = (marksOf(type).commands ?? []).filter(({ method }) => method === null);
  if (marks.length === 0) throw new Error(`${nameOf(type)} says by no @command what it is called`);
  const said = classMetadata(type);
  const read: PluginCommand[] = [];
  for (const { name = '', path, override } of marks) {
    const what = [...path, name].join(' ');
    const code = await codeOf(loaded, { what, accepts: said.accepts ?? [] });
    const completers = completersOf(type);
    read.push({
      ...code,
      name: assertName(name, nameOf(type)),
      path,
      description: oneLine(said.description ?? ''),
      isOverride: override === true,
      completers,
      invoke: (args, context) => (new type() as Made)['run']?.(...args, context),
    });
  }
  return read;
}

function completersOf(type: new () => object): ReadonlyMap<string, Completer> {
  const { completers = new Map<string, string>() } = marksOf(type);
  return new Map(
    [...completers].map(([argument, method]) => [
      argument,
      (prefix, context) => (new type() as Made)[method]?.(prefix, context) as ReturnType<Completer>,
    ]),
  );
}

async function stageOf(type: new () => object, loaded: LoadedPlugin): Promise<PluginStage> {
  const name = marksOf(type).stage;
  if (name === undefined) throw new Error(`${nameOf(type)} says by no @stage what it is called`);
  const said = classMetadata(type);
  return {
    ...(await codeOf(loaded, { what: `| ${name}`, accepts: said.accepts ?? [] })),
    name: assertName(name, nameOf(type)),
    description: oneLine(said.description ?? ''),
    invoke: (args, context) => (new type() as Made)['run']?.(...args, context),
  };
}

interface Wanted {
  readonly what: string;
  readonly accepts: readonly SchemaArg[];
  readonly params?: readonly string[] | undefined;
}

/** What is told of its arguments: the words that people type are read by it. */
async function codeOf(
  plugin: LoadedPlugin,
  { what, accepts, params }: Wanted,
): Promise<Omit<PluginCallableCode, 'invoke' | 'description'>> {
  try {
    const signature: Signature = {
      what,
      parameters: params ?? null,
      ...(await publishedItems(accepts)),
    };
    const least = accepts.findLastIndex((schema) => !isOptional(schema)) + 1;
    return { plugin, signature, least, accepts };
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

const isOptional = (schema: SchemaArg): boolean =>
  typeof schema === 'object' && schema !== null && (OPTIONAL in schema || 'default' in schema);

/** Classes need what converts them, which is loaded for those that have some. */
async function publishedItems(
  accepts: readonly SchemaArg[],
): Promise<{ readonly items: readonly unknown[]; readonly definitions: Definitions }> {
  const classes = new Set<unknown>();
  const items = accepts.map((schema) =>
    publish(schema, (type) => {
      classes.add(type);
      return {};
    }),
  );
  if (classes.size === 0) return { items, definitions: {} };
  const { SchemaRegistry } = await import('../../../schema/index.js');
  const registry = new SchemaRegistry();
  const { schemas } = registry.compileArguments(accepts);
  const { definitions = {} } = registry.document() as { readonly definitions?: Definitions };
  return { items: schemas, definitions };
}

function assertName(name: string, what: string): string {
  if (NAME.test(name)) return name;
  throw new Error(`${JSON.stringify(name)} cannot name ${what}: letters, digits, - and _`);
}

function refuseTwice(names: readonly string[], what: string): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`it has ${what} ${twice} twice`);
}

const nameOf = (type: unknown): string => (type as { readonly name?: string }).name ?? 'a class';

const oneLine = (text: unknown): string => String(text).replace(/\s+/g, ' ').slice(0, MAX_TEXT);
