import {
  type Callable,
  CONFIG_COMMANDS,
  type DerivedCommand,
  ENTITY_COMMANDS,
  ITEM_COMMANDS,
  type Namespace,
} from './namespace.js';
import { parentOf, type Place, topOf } from './place.js';

/** A word of a line, as far as it may lead somewhere. */
export interface PathWord {
  readonly text: string;
  /** In quotes or from a variable: a key or an argument, and no name of the tree. */
  readonly isLiteral: boolean;
}

/** What the first words of a command mean; the others, from `used` on, are its arguments. */
export type Resolved =
  | { readonly kind: 'place'; readonly place: Place; readonly used: number }
  | {
      readonly kind: 'callable';
      readonly callable: Callable;
      readonly place: Place;
      readonly used: number;
      /** A verb of a row: its first argument is the key of the place. */
      readonly isVerb: boolean;
    }
  | {
      readonly kind: 'derived';
      readonly command: DerivedCommand;
      readonly place: Place;
      readonly used: number;
    }
  | {
      readonly kind: 'built-in';
      readonly name: string;
      readonly place: Place;
      readonly used: number;
    }
  /** Of `word` nothing is known at the place that the words before it lead to. */
  | {
      readonly kind: 'unknown';
      readonly word: string;
      readonly place: Place;
      readonly used: number;
    };

export interface ResolveOptions {
  readonly root: Namespace;
  /** Where one stands. */
  readonly place: Place;
  /** The line began with `/`. */
  readonly isAbsolute: boolean;
  readonly builtIns: ReadonlySet<string>;
}

/**
 * Follows the words of a command: namespaces, the key of a row, then a command. Names of the server go
 * before built-in words; `.name` is always the built-in one, `@name` a command even where a namespace has
 * the name, a word in quotes always a key.
 */
export function resolveWords(
  words: readonly (PathWord | null)[],
  { root, place: start, isAbsolute, builtIns }: ResolveOptions,
): Resolved {
  let place = isAbsolute ? topOf(root) : start;
  for (const [at, word] of words.entries()) {
    const used = at + 1;
    if (word === null) return { kind: 'place', place, used: at };
    const { text, isLiteral } = word;
    const isFirst = at === 0 && !isAbsolute;
    if (isFirst && !isLiteral && isBuiltInName(text, builtIns)) {
      return { kind: 'built-in', name: text.slice(1), place, used };
    }
    const next = isLiteral ? null : stepTo(root, place, text);
    if (next !== null) {
      place = next;
      continue;
    }
    const found = isLiteral ? null : commandAt(place, text, used);
    if (found !== null) return found;
    if (isFirst && !isLiteral && builtIns.has(text)) {
      return { kind: 'built-in', name: text, place, used };
    }
    if (place.item === null && place.namespace.entity !== null && !text.startsWith('@')) {
      place = { namespace: place.namespace, item: text };
      continue;
    }
    return { kind: 'unknown', word: text, place, used };
  }
  return { kind: 'place', place, used: words.length };
}

const isBuiltInName = (text: string, builtIns: ReadonlySet<string>): boolean =>
  text.startsWith('.') && builtIns.has(text.slice(1));

/** A namespace below, or `..`; null for all others. */
function stepTo(root: Namespace, place: Place, text: string): Place | null {
  if (text === '..') return parentOf(root, place);
  if (place.item !== null) return null;
  const child = place.namespace.children.get(text);
  return child === undefined ? null : topOf(child);
}

function commandAt(place: Place, text: string, used: number): Resolved | null {
  const name = text.startsWith('@') ? text.slice(1) : text;
  const { namespace, item } = place;
  const commands = item === null ? namespace.commands : namespace.entity?.verbs;
  const callable = commands?.get(name) ?? commands?.get(name.replaceAll('-', '_'));
  const isDirect = callable !== undefined && !isDerivedBefore(callable, place);
  if (isDirect) return { kind: 'callable', callable, place, used, isVerb: item !== null };
  const command = derivedCommands(place).find((one) => one === name);
  return command === undefined ? null : { kind: 'derived', command, place, used };
}

/** `create` of an entity is its task also where a method has the name. */
const isDerivedBefore = ({ name, kind }: Callable, { namespace, item }: Place): boolean =>
  kind !== 'plugin' && item === null && name === 'create' && namespace.entity?.create != null;

/** What a place answers to beside what the server names. */
export function derivedCommands({ namespace, item }: Place): readonly DerivedCommand[] {
  const { entity, config } = namespace;
  if (item !== null && entity !== null) {
    return ITEM_COMMANDS.filter((command) => {
      if (command === 'set' || command === 'edit') return entity.update !== null;
      return command !== 'delete' || entity.remove !== null;
    });
  }
  if (entity !== null) {
    return ENTITY_COMMANDS.filter((command) => command !== 'create' || entity.create !== null);
  }
  if (config !== null) {
    return CONFIG_COMMANDS.filter((command) => {
      return config.update !== null || command === 'show' || command === 'get';
    });
  }
  return [];
}
