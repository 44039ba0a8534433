import { computed } from '@preact/signals';
import { rank } from '../parts/match.js';
import { eventTypes, methods, offer, tasks } from '../state/registry.js';
import { pages } from '../state/pages.js';
import { linkTo } from '../state/router.js';

export interface Entry {
  readonly kind: 'method' | 'task' | 'event' | 'definition' | 'page' | 'cause';
  readonly name: string;
  readonly about: string;
  readonly link: string;
}

const SHOWN = 40;
/** A reference or a cause, and the number of a task. */
const ID = /^(?:[0-9a-f]{8,32}|\d{1,15})$/;

const causeEntry = (id: string): Entry => ({
  kind: 'cause',
  name: id,
  about: 'What happened because of it',
  link: linkTo('cause', id),
});

/** Everything one can go to. */
export const entries = computed((): readonly Entry[] => [
  ...pages.value.map(({ id, title }): Entry => ({
    kind: 'page',
    name: title,
    about: '',
    link: linkTo(id),
  })),
  ...methods.value.map(({ path, description }): Entry => ({
    kind: 'method',
    name: path,
    about: description ?? '',
    link: linkTo('calls', path),
  })),
  ...tasks.value.map(({ name, description }): Entry => ({
    kind: 'task',
    name,
    about: description ?? '',
    link: linkTo('tasks', 'new', { task: name }),
  })),
  ...eventTypes.value.map(({ name, description }): Entry => ({
    kind: 'event',
    name,
    about: description ?? '',
    link: linkTo('events', '', { masks: name }),
  })),
  ...[...offer.value.definitions.keys()].map((name): Entry => ({
    kind: 'definition',
    name,
    about: '',
    link: linkTo('schemas', name),
  })),
]);

/** The best answers to what was typed. */
export function search(typed: string): readonly Entry[] {
  if (typed.trim() === '') return entries.value.slice(0, SHOWN);
  const found: { readonly entry: Entry; readonly score: number }[] = [];
  for (const entry of entries.value) {
    const score = rank(entry.name, typed);
    if (score !== null) found.push({ entry, score });
  }
  const best = found
    .sort((a, b) => a.score - b.score)
    .slice(0, SHOWN)
    .map(({ entry }) => entry);
  return ID.test(typed.trim()) ? [causeEntry(typed.trim()), ...best] : best;
}
