import type { MethodDescription, TaskClassRow } from '../../../wire/index.js';
import type { Definitions } from '../../values/index.js';
import type { MethodCallable, TaskCallable } from './namespace.js';

/** A method as a command of its service. */
export function methodCallable(
  service: string,
  description: MethodDescription,
  definitions: Definitions,
): MethodCallable {
  const { name, parameters, roles, deprecated, generator } = description;
  const params = description['params-schema'];
  const items = params?.items ?? null;
  const method = `${service}.${name}`;
  return {
    kind: 'method',
    name,
    method,
    description: description.description ?? '',
    signature: { what: method, parameters, items, definitions },
    least: params?.minItems ?? items?.length ?? 0,
    isPrivate: description.private,
    isQuery: isQuery(description),
    isStream: generator,
    roles,
    deprecated,
    result: description['result-schema'] ?? null,
  };
}

export function taskCallable(
  task: string,
  { description, schema, required, abortable, private: isPrivate }: TaskClassRow,
  definitions: Definitions,
): TaskCallable {
  return {
    kind: 'task',
    name: task.slice(task.lastIndexOf('.') + 1),
    task,
    description: description ?? '',
    signature: { what: `task ${task}`, parameters: null, items: schema ?? [{}], definitions },
    least: required,
    isPrivate,
    isAbortable: abortable,
  };
}

/** By its parameters and their shape: another method may be called `query` as well. */
function isQuery({ name, parameters, ...method }: MethodDescription): boolean {
  if (name !== 'query' && !name.endsWith('_query')) return false;
  if (parameters?.join() !== 'filter,params') return false;
  return JSON.stringify(method['params-schema']?.items[1] ?? null).includes('"select"');
}
