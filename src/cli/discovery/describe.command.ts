import { Errno } from '../../client/index.js';
import { RpcException } from '../../common/portable.js';
import type { EventTypeRow, MethodDescription, TaskClassRow } from '../../wire/index.js';
import type { Invocation } from '../command.js';
import { onServer } from '../on-server.js';
import { printableLines } from '../output/index.js';
import type { Session } from '../session/index.js';
import { type Definitions, describeSchema } from '../values/index.js';
import { argumentRows, argumentTable, exampleOf } from './argument-table.js';
import { definitionsFor, findMethod } from './signature.js';

type Subject =
  | { readonly kind: 'method'; readonly of: MethodDescription }
  | { readonly kind: 'task'; readonly of: TaskClassRow }
  | { readonly kind: 'event'; readonly of: EventTypeRow }
  | { readonly kind: 'service'; readonly of: readonly MethodDescription[] };

/** Tells of a method, a task, an event or a service: for people on a terminal, as the server says it elsewhere. */
export async function describeCommand(invocation: Invocation): Promise<undefined> {
  const [name = ''] = invocation.operands;
  const { output } = invocation.io;
  await onServer(invocation, async (session, printer) => {
    const subjects = await find(session, name);
    if (output.isTTY === true && printer.asked === null) {
      output.write(await textOf(session, name, subjects));
      return;
    }
    const [only] = subjects;
    await printer.print(
      subjects.length === 1 && only !== undefined ? documentOf(only) : subjects.map(documentOf),
    );
  });
}

/** The same text, for `call METHOD --help`. */
export async function describedText(
  name: string,
  around: Pick<Invocation, 'options' | 'io'>,
): Promise<string> {
  return onServer(around, async (session) => textOf(session, name, await find(session, name)));
}

function documentOf(subject: Subject): object {
  return subject.kind === 'service'
    ? { kind: 'service', methods: subject.of }
    : { kind: subject.kind, ...subject.of };
}

/** All that have the name: a task may be called as a method is. @throws RpcException ENOENT, with the nearest name */
async function find(session: Session, name: string): Promise<readonly Subject[]> {
  const { call } = session;
  const [services, tasks, events] = await Promise.all([
    call<string[]>('discovery.get_services'),
    call<Record<string, TaskClassRow>>('discovery.get_tasks'),
    call<Record<string, EventTypeRow>>('discovery.get_event_types'),
  ]);
  const found: Subject[] = [];
  const method = name.includes('.') ? await findMethod(session, name) : null;
  if (method !== null) found.push({ kind: 'method', of: method });
  if (Object.hasOwn(tasks, name)) found.push({ kind: 'task', of: tasks[name] as TaskClassRow });
  if (Object.hasOwn(events, name)) found.push({ kind: 'event', of: events[name] as EventTypeRow });
  if (services.includes(name)) {
    found.push({ kind: 'service', of: await call('discovery.get_methods', [name]) });
  }
  if (found.length > 0) return found;
  const { closest, didYouMean } = await import('../../config/did-you-mean.js');
  const lists = await Promise.all(
    services.map(async (service) => {
      const methods = await call<MethodDescription[]>('discovery.get_methods', [service]).catch(
        () => [],
      );
      return methods.map((one) => `${service}.${one.name}`);
    }),
  );
  const names = [...lists.flat(), ...Object.keys(tasks), ...Object.keys(events), ...services];
  throw new RpcException(
    Errno.ENOENT,
    `There is no service, method, task or event ${JSON.stringify(name)}${didYouMean(closest(name, names))}`,
  );
}

async function textOf(
  session: Session,
  name: string,
  subjects: readonly Subject[],
): Promise<string> {
  const definitions = await definitionsFor(session, subjects);
  const parts = subjects.map((subject) => subjectText(name, subject, definitions));
  return printableLines(parts.join('\n'));
}

function subjectText(name: string, subject: Subject, definitions: Definitions): string {
  switch (subject.kind) {
    case 'method':
      return methodText(name, subject.of, definitions);
    case 'task':
      return taskText(name, subject.of, definitions);
    case 'event':
      return eventText(name, subject.of, definitions);
    case 'service':
      return serviceText(name, subject.of);
  }
}

function methodText(name: string, method: MethodDescription, definitions: Definitions): string {
  const schema = method['params-schema'];
  const items = schema?.items ?? [];
  const least = schema?.minItems ?? items.length;
  const rows = argumentRows(items, { names: method.parameters ?? [], least, definitions });
  const result = method['result-schema'];
  return lines([
    `Method ${name}${method.generator ? ', which streams' : ''}`,
    method.description === null ? '' : `  ${method.description}`,
    method.deprecated === null ? '' : `  Deprecated: ${method.deprecated}`,
    ...argumentTable(rows),
    result === undefined ? '' : `  Result: ${describeSchema(result, definitions)}`,
    method.roles.length === 0 ? '' : `  Roles: ${method.roles.join(', ')}`,
    `  Example: dispatcherctl call ${name}${exampleOf(rows)}`,
  ]);
}

function taskText(name: string, task: TaskClassRow, definitions: Definitions): string {
  const rows = argumentRows(task.schema ?? [], { names: [], least: task.required, definitions });
  return lines([
    `Task ${name}${task.abortable ? '' : ', which cannot be aborted'}`,
    task.description === null ? '' : `  ${task.description}`,
    ...argumentTable(rows),
    `  Example: dispatcherctl submit ${name}${exampleOf(rows)}`,
  ]);
}

function eventText(name: string, event: EventTypeRow, definitions: Definitions): string {
  const schema = event.event_schema;
  return lines([
    `Event ${name}`,
    event.description === null ? '' : `  ${event.description}`,
    ...(schema === null
      ? []
      : argumentTable(argumentRows([schema], { names: [], least: 1, definitions }))),
    `  Example: dispatcherctl listen ${name}`,
  ]);
}

function serviceText(name: string, methods: readonly MethodDescription[]): string {
  const shown = methods.filter((method) => !method.private);
  return lines([
    `Service ${name}`,
    ...argumentTable(
      shown.map((method) => [`${name}.${method.name}`, '', method.description ?? '', true]),
    ),
  ]);
}

const lines = (all: readonly string[]): string =>
  all
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
