import { type Definitions, propertiesOf, resolve, type Schema } from '../../values/index.js';
import { rowProperties } from '../../values/index.js';
import type { Callable, ConfigAccess, Entity, MethodCallable, TaskCallable } from './namespace.js';

type Direct = MethodCallable | TaskCallable;

/** What a namespace has: commands by name, and the tasks that methods hide. */
export interface Members {
  readonly service: string;
  readonly commands: ReadonlyMap<string, Callable>;
  readonly hiddenTasks: ReadonlyMap<string, TaskCallable>;
  readonly definitions: Definitions;
}

const REMOVERS = ['delete', 'remove'] as const;
const WRITERS: ReadonlySet<string> = new Set(['create', 'update', ...REMOVERS, 'query']);

/** Rows that can be asked for make an entity of a namespace. */
export function entityOf(members: Members): Entity | null {
  const query = members.commands.get('query');
  if (query?.kind !== 'method' || !query.isQuery) return null;
  const { definitions } = members;
  const properties = rowProperties(query.result, definitions);
  const remove = REMOVERS.map((name) => direct(members, name)).find((found) => found !== null);
  const update = direct(members, 'update');
  const removeParameter = remove?.signature.parameters?.[0];
  const key = keyOf(properties, { definitions, removeParameter });
  return {
    service: members.service,
    query,
    properties,
    definitions,
    key,
    label: marked(properties, { definitions, mark: 'x-label' }),
    create: direct(members, 'create'),
    update: update !== null && argumentCount(update) === 2 ? update : null,
    remove: remove !== undefined && argumentCount(remove) >= 1 ? remove : null,
    columns: null,
    verbs: verbsOf(members, key),
  };
}

/** One set of settings, read by `get_config` or `config` and changed by `update(changes)`. */
export function configOf(members: Members): ConfigAccess | null {
  const { commands, definitions, service } = members;
  const read = commands.get('get_config') ?? commands.get('config');
  if (read?.kind !== 'method' || read.least > 0) return null;
  const update = direct(members, 'update');
  return {
    service,
    read,
    update: update !== null && argumentCount(update) === 1 ? update : null,
    properties: read.result === null ? null : propertiesOf(read.result, definitions),
    definitions,
  };
}

/** A task rather than the method of the same name: writing is the work of tasks. */
function direct({ commands, hiddenTasks }: Members, name: string): Direct | null {
  const found = hiddenTasks.get(name) ?? commands.get(name);
  return found === undefined || found.kind === 'plugin' ? null : found;
}

const argumentCount = ({ signature }: Direct): number => signature.items?.length ?? 0;

interface Known {
  readonly definitions: Definitions;
  readonly removeParameter: string | undefined;
}

/** What says so, else what a row is deleted by, else the usual names. */
function keyOf(properties: Entity['properties'], { definitions, removeParameter }: Known): string {
  const said = marked(properties, { definitions, mark: 'x-key' });
  if (said !== null) return said;
  const has = (name: string): boolean => properties !== null && Object.hasOwn(properties, name);
  if (removeParameter !== undefined && has(removeParameter)) return removeParameter;
  return has('id') || !has('name') ? 'id' : 'name';
}

function marked(
  properties: Entity['properties'],
  { definitions, mark }: { readonly definitions: Definitions; readonly mark: string },
): string | null {
  const entries = Object.entries(properties ?? {});
  return entries.find(([, schema]) => resolve(schema, definitions)[mark] === true)?.[0] ?? null;
}

/** Those whose first argument is the key: by its name, or because its schema says whose key it is. */
function verbsOf({ commands, service, definitions }: Members, key: string): Entity['verbs'] {
  const verbs = new Map<string, Direct>();
  for (const [name, command] of commands) {
    if (command.kind === 'plugin' || WRITERS.has(name)) continue;
    const { parameters, items } = command.signature;
    const first: Schema = resolve(items?.[0] ?? {}, definitions);
    const isOfKey = command.kind === 'method' && parameters?.[0] === key;
    if (isOfKey || isReference(first, service)) verbs.set(name, command);
  }
  return verbs;
}

const isReference = (schema: Schema, service: string): boolean => schema['x-entity'] === service;
