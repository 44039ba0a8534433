import { EXTENDED_KEYS } from './fill.js';
import { type Json, objectOf, type Path } from './json.js';
import type { ExtendedNode, FormNode, ListNode, ObjectNode } from './nodes.js';

/** What stands in the way of a value, at a place of the form. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

export interface Reading {
  /** Undefined when there is no value yet. */
  readonly value: Json | undefined;
  readonly problems: readonly Problem[];
}

export interface ReadOptions {
  /** Passwords are left empty: for addresses, the history and the clipboard. */
  readonly hidesSecrets?: boolean;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const INTEGER = /^-?\d{1,40}$/;

/** The value that a form holds, with what is not readable in it. */
export function read(node: FormNode, options: ReadOptions = {}): Reading {
  const problems: Problem[] = [];
  const value = readNode(node, [], { problems, options });
  return { value, problems };
}

interface Context {
  readonly problems: Problem[];
  readonly options: ReadOptions;
}

function readNode(node: FormNode, path: Path, context: Context): Json | undefined {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'number':
      return readNumber(node.text, path, context);
    case 'boolean':
    case 'constant':
      return node.value;
    case 'choice':
      return node.index === null ? undefined : node.options[node.index];
    case 'extended':
      return readExtended(node, path, context);
    case 'list':
      return readList(node, path, context);
    case 'object':
      return readObject(node, path, context);
    case 'alternatives': {
      const chosen = node.selected === null ? null : node.nodes[node.selected];
      return chosen ? readNode(chosen, path, context) : undefined;
    }
    case 'json':
      return readJson(node.text, path, context);
  }
}

function readNumber(typed: string, path: Path, { problems }: Context): Json | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  const value = Number(text);
  if (!NUMBER.test(text) || !Number.isFinite(value)) {
    problems.push({ path, message: 'is no number' });
    return undefined;
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(text)) {
    if (String(value) !== text) {
      problems.push({ path, message: 'is too large to be exact: JSON numbers end at 2^53' });
    }
  }
  return value;
}

function readExtended(
  node: ExtendedNode,
  path: Path,
  { problems, options }: Context,
): Json | undefined {
  const { type, isWrapped } = node;
  if (type === 'password') {
    const secret = options.hidesSecrets === true ? '' : node.text;
    return isWrapped ? { $password: secret } : secret;
  }
  const text = node.text;
  if (text === '' && type !== 'binary') return undefined;
  if (type !== 'long') return { [EXTENDED_KEYS[type]]: text };
  if (isWrapped) return { $long: text };
  if (!INTEGER.test(text.trim())) {
    problems.push({ path, message: 'is no whole number' });
    return undefined;
  }
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : { $long: text.trim() };
}

function readList(node: ListNode, path: Path, context: Context): Json {
  return node.items.map((item, index) => {
    const below = [...path, index];
    const before = context.problems.length;
    const value = readNode(item.node, below, context);
    if (value === undefined && context.problems.length === before) {
      context.problems.push({ path: below, message: 'is required' });
    }
    return value ?? null;
  });
}

function readObject(node: ObjectNode, path: Path, context: Context): Json {
  const entries: [string, Json][] = [];
  for (const { name, isPresent, node: inner } of node.fields) {
    if (!isPresent || inner === null) continue;
    const value = readNode(inner, [...path, name], context);
    if (value !== undefined) entries.push([name, value]);
  }
  for (const { name, node: inner } of node.extras) {
    const below = [...path, name];
    if (entries.some(([taken]) => taken === name)) {
      context.problems.push({
        path: below,
        message: `There are two properties ${JSON.stringify(name)}`,
      });
    }
    const value = readNode(inner, below, context);
    if (value !== undefined) entries.push([name, value]);
  }
  return objectOf(entries);
}

function readJson(text: string, path: Path, { problems, options }: Context): Json | undefined {
  if (text.trim() === '') return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return options.hidesSecrets === true ? withoutSecrets(value) : value;
  } catch (error) {
    problems.push({ path, message: `is no JSON: ${error instanceof Error ? error.message : ''}` });
    return undefined;
  }
}

/** A password in free JSON is known by its key. */
function withoutSecrets(value: Json): Json {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (key === '$password' ? '' : inner)),
  ) as Json;
}
