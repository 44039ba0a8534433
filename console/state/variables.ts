import { isList, isObject, type Json, objectOf } from '../forms/index.js';
import { keptList } from './kept.js';

/** A word that saved calls may have in their arguments as `{{name}}`, with what stands for it today. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

const kept = keptList<Variable>('dispatcher.variables', isVariable);
export const variables = kept.list;

function isVariable(entry: unknown): entry is Variable {
  return isObject(entry) && typeof entry['name'] === 'string' && typeof entry['value'] === 'string';
}

/** Another one of that name is replaced. */
export function setVariable(variable: Variable): void {
  kept.set([variable, ...variables.value.filter(({ name }) => name !== variable.name)]);
}

export function forgetVariable(name: string): void {
  kept.set(variables.value.filter((variable) => variable.name !== name));
}

const WHOLE = /^\{\{([\w.-]+)\}\}$/;
const EACH = /\{\{([\w.-]+)\}\}/g;

/**
 * A value with the variables put in. A text that is nothing but one becomes what that says as JSON, a
 * number for instance; one that nobody has set stays as it is written, to be seen.
 */
export function filledIn(value: Json, known: readonly Variable[]): Json {
  const values = new Map(known.map(({ name, value: text }) => [name, text]));
  const fill = (part: Json): Json => {
    if (typeof part === 'string') return fillText(part, values);
    if (isList(part)) return part.map(fill);
    if (isObject(part)) {
      return objectOf(Object.entries(part).map(([key, inner]) => [key, fill(inner)] as const));
    }
    return part;
  };
  return fill(value);
}

function fillText(text: string, values: ReadonlyMap<string, string>): Json {
  const whole = values.get(WHOLE.exec(text)?.[1] ?? '');
  if (whole !== undefined) return asJson(whole);
  return text.replaceAll(EACH, (written, name: string) => values.get(name) ?? written);
}

function asJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
