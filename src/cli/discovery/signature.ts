import type { ApiDescription } from '../../codegen/index.js';
import type { MethodDescription } from '../../wire/index.js';
import type { Session } from '../session/index.js';
import { type Definitions, refersToDefinitions, type Signature } from '../values/index.js';

/** The service and the name of `service.of.dots.method`. */
export function splitName(name: string): { readonly service: string; readonly method: string } {
  const dot = name.lastIndexOf('.');
  return { service: name.slice(0, Math.max(0, dot)), method: name.slice(dot + 1) };
}

/** What a server says of a method; null when there is none of that name, or it tells nothing. */
export async function findMethod(
  session: Session,
  name: string,
): Promise<MethodDescription | null> {
  const { service, method } = splitName(name);
  try {
    const methods = await session.call<MethodDescription[]>('discovery.get_methods', [service]);
    return methods.find((one) => one.name === method) ?? null;
  } catch (error) {
    if (session.signal.aborted || session.client.state.kind !== 'authenticated') throw error;
    return null; // the call itself says what is wrong
  }
}

/** What a method takes; by names alone where the server does not say. */
export async function methodSignature(session: Session, name: string): Promise<Signature> {
  const method = await findMethod(session, name);
  const items = method?.['params-schema']?.items ?? null;
  const definitions = await definitionsFor(session, items);
  return { what: name, parameters: method?.parameters ?? null, items, definitions };
}

/** What a task takes: arguments by position, or the properties of the one object. */
export async function taskSignature(session: Session, name: string): Promise<Signature> {
  const tasks = await session.call<ApiDescription['tasks']>('discovery.get_tasks');
  const items = Object.hasOwn(tasks, name) ? (tasks[name]?.schema ?? null) : null;
  const definitions = await definitionsFor(session, items);
  return { what: `task ${name}`, parameters: null, items: items ?? [{}], definitions };
}

/** The schemas that others refer to by name. */
export async function definitionsFor(session: Session, schemas: unknown): Promise<Definitions> {
  if (!refersToDefinitions(schemas)) return {};
  const document = await session.call<{ readonly definitions?: Definitions }>(
    'discovery.get_schema',
  );
  return document.definitions ?? {};
}
