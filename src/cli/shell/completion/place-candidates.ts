import type { Candidate } from '../editor/index.js';
import {
  type Callable,
  derivedCommands,
  type Namespace,
  nearestPlace,
  parentOf,
  type Place,
  topOf,
  wordsOf,
} from '../namespaces/index.js';
import type { Shell } from '../shell.js';
import { BUILT_INS } from '../words-table.js';
import { pathWords, type TypedCommand } from './typed-word.js';

interface WordOptions {
  /** The words of the shell itself as well: the line begins here. */
  readonly hasOwnWords: boolean;
  readonly aliases: ReadonlyMap<string, string>;
  readonly prefix: string;
}

/** Words that a place answers to: what is below it, its commands, and those of the shell. */
export function wordCandidates(
  place: Place,
  { hasOwnWords, aliases, prefix }: WordOptions,
): readonly Candidate[] {
  const { namespace, item } = place;
  const below = item === null ? childCandidates(namespace) : [];
  const callables: ReadonlyMap<string, Callable> =
    item === null ? namespace.commands : (namespace.entity?.verbs ?? new Map<string, Callable>());
  const commands = [...callables.values()].map(({ name, kind, description }) => ({
    text: name,
    description:
      kind === 'task' ? `task${description === '' ? '' : ` – ${description}`}` : description,
  }));
  const derived = derivedCommands(place).map((text) => ({ text, description: DERIVED[text] }));
  const named = [...aliases].map(([text, line]) => ({ text, description: line }));
  const dot = prefix.startsWith('.') ? '.' : '';
  const own = [...BUILT_INS]
    .filter(([text, { aliasOf }]) => aliasOf === undefined && /^[a-z]/.test(text))
    .map(([text, { summary }]) => ({ text: `${dot}${text}`, description: summary }));
  return [...below, ...derived, ...commands, ...named, ...(hasOwnWords ? own : [])];
}

const DERIVED = {
  show: 'Shows what is there',
  create: 'Makes another',
  get: 'Prints one property',
  set: 'Changes properties',
  edit: 'Changes a property in an editor',
  delete: 'Removes it',
} as const;

const childCandidates = ({ children }: Namespace): readonly Candidate[] =>
  [...children.values()].map(({ name, description }) => ({
    text: name,
    description: description === '' ? '/' : `/ ${description}`,
  }));

/** Places by words or by slashes, for `cd`. */
export function placeCandidates(
  shell: Shell,
  { before, current }: TypedCommand,
): readonly Candidate[] {
  const { root } = shell;
  const words = pathWords(before).map((word) => word?.text ?? '');
  const slash = current.text.lastIndexOf('/') + 1;
  const written = current.text.slice(0, slash);
  const start = current.text.startsWith('/') ? topOf(root) : shell.place;
  const steps = [...words, ...written.split('/')].filter((word) => word !== '');
  let place: Place = start;
  for (const step of steps) {
    const next =
      step === '..' ? parentOf(root, place) : nearestPlace(root, [...wordsOf(place), step]).place;
    if (next.namespace === place.namespace && step !== '..') return [];
    place = next;
  }
  return childCandidates(place.namespace).map((one) => ({ ...one, text: `${written}${one.text}` }));
}
