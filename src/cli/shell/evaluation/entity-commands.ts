import type { FilterTuple } from '../../../common/query/index.js';
import { equalValues } from '../../../common/query/index.js';
import { CommandError, EXIT, UsageError } from '../../exit-status.js';
import {
  type BoundArguments,
  convert,
  isSchema,
  misfitOf,
  propertiesOf,
  type Schema,
} from '../../values/index.js';
import { withArgumentNames } from '../../call/bound-arguments.js';
import type { Argument } from '../grammar/index.js';
import type {
  ConfigAccess,
  DerivedCommand,
  Entity,
  MethodCallable,
  Place,
  TaskCallable,
} from '../namespaces/index.js';
import { EMPTY_QUERY, nativeOf, UNKNOWN_SHAPE } from '../stages/index.js';
import { boundCall } from './bound-call.js';
import { callMethod, type Evaluation } from './evaluation.js';
import { plainText, written } from './expand.js';
import { flowOf } from './flow.js';
import { actionOf, entityShape } from './invoke.js';
import { noSuch } from '../../no-such.js';
import { unfitArgument } from './problem.js';
import { propertyAt, readCondition } from './read-filter.js';
import { keyValue, readRow } from './read-row.js';
import { stageHint } from './stage-hint.js';
import { argumentNames, noOption, readWords, refuseOptions } from './read-words.js';
import type { Plan, Source } from './source.js';

interface Derived {
  readonly command: DerivedCommand;
  readonly place: Place;
  readonly args: readonly Argument[];
}

type Positional = Extract<Argument, { kind: 'positional' }>;
type Named = Extract<Argument, { kind: 'named' }>;

/** What a derived command of an entity, of one of its rows or of settings would do. */
export async function derivedSource(
  { command, place, args }: Derived,
  evaluation: Evaluation,
): Promise<Source> {
  const { namespace, item } = place;
  const { entity, config } = namespace;
  if (entity !== null && item === null) {
    return command === 'create'
      ? creation(entity, args, evaluation)
      : shownRows(entity, args, evaluation);
  }
  const subject =
    entity !== null && item !== null
      ? rowSubject(entity, item, evaluation)
      : config !== null
        ? configSubject(config, evaluation)
        : null;
  if (subject === null) throw new UsageError(`There is no ${command} here`);
  return subjectSource(subject, { command, place, args }, evaluation);
}

async function creation(
  entity: Entity,
  args: readonly Argument[],
  evaluation: Evaluation,
): Promise<Source> {
  const { create } = entity;
  if (create === null) throw new UsageError(`${entity.service} has no create`);
  const { signature, least } = create;
  const words = await readWords(args, argumentNames(signature), evaluation);
  const bound = await boundCall(words, { signature, least }, evaluation);
  return actionOf(create, bound, { evaluation, shape: UNKNOWN_SHAPE });
}

/** `show uid>10 name~=^a`, `show a,b`, `show *`. */
async function shownRows(
  entity: Entity,
  args: readonly Argument[],
  evaluation: Evaluation,
): Promise<Source> {
  const shape = entityShape(entity);
  const filter: FilterTuple[] = [];
  const columns: string[] = [];
  for (const argument of args) {
    if (argument.kind === 'named') {
      filter.push(await readCondition(argument, shape, evaluation));
    } else if (argument.kind === 'flag') {
      throw noOption(argument.name, { hint: stageHint(argument.name) });
    } else {
      const text = await plainText(argument.value, evaluation);
      columns.push(...text.split(',').filter((name) => name !== ''));
    }
  }
  const isAll = columns.includes('*');
  if (!isAll) for (const name of columns) await propertyAt(name, shape);
  const chosen = isAll || columns.length === 0 ? null : columns;
  return {
    kind: 'query',
    method: entity.query,
    draft: {
      ...EMPTY_QUERY,
      filter,
      outcome:
        chosen === null ? { kind: 'rows' } : { kind: 'select', fields: chosen, isObjects: true },
    },
    shape: chosen === null ? shape : { ...shape, properties: null },
    columns: isAll
      ? Object.keys(entity.properties ?? {})
      : (chosen ?? entity.columns ?? markedColumns(entity)),
  };
}

/** Those that the schema wants; null: whatever has room. */
function markedColumns({ properties }: Entity): readonly string[] | null {
  const marked = Object.entries(properties ?? {}).filter(
    ([, schema]) => schema['x-column'] === true,
  );
  return marked.length === 0 ? null : marked.map(([name]) => name);
}

/** One thing with properties that are read, and perhaps changed. */
interface Subject {
  readonly what: string;
  readonly access: Entity | ConfigAccess;
  readonly read: () => Promise<Readonly<Record<string, unknown>>>;
  readonly update: MethodCallable | TaskCallable | null;
  /** Arguments before the changes. */
  readonly before: readonly unknown[];
  readonly remove: MethodCallable | TaskCallable | null;
}

function rowSubject(entity: Entity, item: string, evaluation: Evaluation): Subject {
  const key = keyValue(entity, item);
  return {
    what: `${entity.service} ${item}`,
    access: entity,
    read: () => readRow(entity, item, evaluation),
    update: entity.update,
    before: [key],
    remove: entity.remove,
  };
}

function configSubject(config: ConfigAccess, evaluation: Evaluation): Subject {
  return {
    what: config.service,
    access: config,
    read: async () => asObject(await callMethod(evaluation, config.read.method), config.service),
    update: config.update,
    before: [],
    remove: null,
  };
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isSchema(value)) return value;
  throw new CommandError(EXIT.failed, `${what} did not answer with an object`);
}

async function subjectSource(
  subject: Subject,
  { command, args }: Derived,
  evaluation: Evaluation,
): Promise<Source> {
  const shape = entityShape(subject.access);
  const common = { kind: 'action', where: 'server', shape } as const;
  switch (command) {
    case 'show': {
      refuseArguments(args, command);
      const run = async () => flowOf(await subject.read());
      return { ...common, what: `read ${subject.what}`, run };
    }
    case 'get': {
      const names = await propertyNames(args, shape, evaluation);
      const run = async () => flowOf(picked(await subject.read(), names));
      return { ...common, what: `read ${subject.what} ${names.join(', ')}`, run };
    }
    case 'set':
      return setting(subject, args, evaluation);
    case 'delete': {
      if (subject.remove === null) throw new UsageError(`${subject.what} cannot be deleted`);
      const { signature } = subject.remove;
      const words = await readWords(args, argumentNames(signature), evaluation);
      const key = { name: null, value: { kind: 'json', value: subject.before[0] } } as const;
      const { remove } = subject;
      const bound = await boundCall(
        [key, ...words],
        { signature, least: remove.least },
        evaluation,
      );
      return actionOf(remove, bound, { evaluation, shape: UNKNOWN_SHAPE });
    }
    case 'edit':
      return editing(subject, args, evaluation);
    case 'create':
      throw new UsageError('create makes another one: go up with ..');
  }
}

function refuseArguments(args: readonly Argument[], command: string): void {
  refuseOptions(args);
  if (args.length > 0) {
    throw new UsageError(`${command} of one takes nothing: get NAME gives a property`);
  }
}

async function propertyNames(
  args: readonly Argument[],
  shape: ReturnType<typeof entityShape>,
  evaluation: Evaluation,
): Promise<readonly string[]> {
  const words: string[] = [];
  for (const argument of args) {
    if (argument.kind === 'positional') {
      words.push(...(await plainText(argument.value, evaluation)).split(','));
    }
  }
  if (words.length === 0) throw new UsageError('get takes the name of a property');
  for (const name of words) await propertyAt(name, shape);
  return words;
}

function picked(row: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  const at = (name: string): unknown =>
    name.split('.').reduce<unknown>((value, part) => {
      return isSchema(value) && Object.hasOwn(value, part) ? value[part] : null;
    }, row);
  const [only = ''] = names;
  return names.length === 1
    ? Object.hasOwn(row, only)
      ? row[only]
      : at(only)
    : Object.fromEntries(names.map((name) => [name, at(name)]));
}

/** `set a=1 tags+=c tags-=a` */
async function setting(
  subject: Subject,
  args: readonly Argument[],
  evaluation: Evaluation,
): Promise<Source> {
  const { update, what } = subject;
  if (update === null) throw new UsageError(`${what} cannot be changed`);
  const wanted = args.filter((argument): argument is Named => argument.kind === 'named');
  const stray = args.find((one): one is Positional => one.kind === 'positional');
  if (stray !== undefined || wanted.length === 0) {
    throw new UsageError('set takes properties and their values, such as name=x');
  }
  const changes = await changesOf(subject, wanted, evaluation);
  return changing(subject, changes, evaluation);
}

/** What would be sent, with what it would change. */
function changing(
  subject: Subject,
  changes: Readonly<Record<string, unknown>>,
  evaluation: Evaluation,
): Source {
  const { update, before } = subject;
  if (update === null) throw new UsageError(`${subject.what} cannot be changed`);
  const args = [...before, changes];
  const bound: BoundArguments = { args, names: [...before.map(() => 'key'), ''] };
  const action = actionOf(update, bound, { evaluation, shape: UNKNOWN_SHAPE });
  if (action.kind !== 'action') return action;
  return {
    ...action,
    plan: async () => differences(await subject.read(), changes),
    run: () => withArgumentNames(bound.names, () => action.run()),
  };
}

function differences(
  row: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): Plan {
  const changed = Object.entries(changes).filter(
    ([name, value]) => !equalValues(nativeOf(row[name] ?? null), nativeOf(value)),
  );
  const value = changed.map(([property, to]) => ({ property, from: row[property] ?? null, to }));
  return { hasChanges: changed.length > 0, value };
}

async function changesOf(
  subject: Subject,
  wanted: readonly Named[],
  evaluation: Evaluation,
): Promise<Readonly<Record<string, unknown>>> {
  const shape = entityShape(subject.access);
  const schemas = changeSchemas(subject);
  const needsRow = wanted.some(({ operator }) => operator === '+=' || operator === '-=');
  const row = needsRow ? await subject.read() : {};
  const changes: Record<string, unknown> = {};
  for (const { name, operator, value } of wanted) {
    const schema = await schemaFor(name, schemas, subject);
    const it = await written(value, evaluation);
    if (operator === '=' || operator === '==') {
      const set = convert(it, schema ?? {}, shape.definitions);
      const misfit = schema === null ? null : misfitOf(set, schema, shape.definitions);
      if (misfit !== null) throw unfitArgument([name, ...misfit.path], misfit.message);
      changes[name] = set;
    } else if (operator === '+=' || operator === '-=') {
      const current = Object.hasOwn(changes, name) ? changes[name] : row[name];
      const list = convert(it, schema ?? { type: 'array' }, shape.definitions);
      const items: readonly unknown[] = Array.isArray(list) ? list : [list];
      changes[name] = combined(current, items, { name, operator });
    } else {
      throw new UsageError(`set ${name}${operator}: a property is set with =, += or -=`);
    }
  }
  return changes;
}

/** What may be changed, by the schema of the update, else by that of the rows. */
function changeSchemas({ update, access }: Subject): Readonly<Record<string, Schema>> | null {
  const own = update === null ? null : (update.signature.items?.at(-1) ?? null);
  const properties = own === null ? null : propertiesOf(own, access.definitions);
  return properties ?? access.properties;
}

function combined(
  current: unknown,
  items: readonly unknown[],
  { name, operator }: { readonly name: string; readonly operator: '+=' | '-=' },
): readonly unknown[] {
  const list: unknown = current ?? [];
  if (!Array.isArray(list)) throw new UsageError(`${name}${operator}: ${name} is no list`);
  const isIn = (all: readonly unknown[], one: unknown): boolean =>
    all.some((other) => equalValues(nativeOf(other), nativeOf(one)));
  const was = list as readonly unknown[];
  return operator === '+='
    ? [...was, ...items.filter((one) => !isIn(was, one))]
    : was.filter((one) => !isIn(items, one));
}

async function schemaFor(
  name: string,
  schemas: Readonly<Record<string, Schema>> | null,
  { what }: Subject,
): Promise<Schema | null> {
  if (schemas === null) return null;
  if (Object.hasOwn(schemas, name)) return schemas[name] ?? null;
  const known = Object.keys(schemas);
  throw await noSuch(
    `${what} has no property ${name} that can be set: there are ${known.join(', ')}`,
    name,
    known,
  );
}

/** The property in `$EDITOR`; what comes back is what is set. */
async function editing(
  subject: Subject,
  args: readonly Argument[],
  evaluation: Evaluation,
): Promise<Source> {
  const [name = '', ...others] = await propertyNames(args, entityShape(subject.access), evaluation);
  if (others.length > 0) throw new UsageError('edit takes one property');
  const schema = await schemaFor(name, changeSchemas(subject), subject);
  const source = changing(subject, {}, evaluation);
  if (source.kind !== 'action') return source;
  return {
    ...source,
    what: `edit ${subject.what} ${name}`,
    run: async () => {
      const { editedText } = await import('./edit-text.js');
      const row = await subject.read();
      const was = row[name] ?? '';
      const text = await editedText(
        typeof was === 'string' ? was : JSON.stringify(was, null, 2),
        evaluation,
      );
      if (text === null) return { kind: 'none' };
      const { definitions } = subject.access;
      const value = convert(
        { kind: typeof was === 'string' ? 'quoted' : 'text', text },
        schema ?? {},
        definitions,
      );
      const misfit = schema === null ? null : misfitOf(value, schema, definitions);
      if (misfit !== null) throw unfitArgument([name, ...misfit.path], misfit.message);
      const next = changing(subject, { [name]: value }, evaluation);
      return next.kind === 'action' ? next.run() : { kind: 'none' };
    },
  };
}
