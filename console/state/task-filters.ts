import { END_STATES, type TaskState } from '../../src/wire/constants.js';
import { isObject, type Json } from '../forms/index.js';
import { keptList } from './kept.js';

export const CHOICES: readonly {
  readonly id: string;
  readonly label: string;
  readonly states: readonly TaskState[];
}[] = [
  { id: 'all', label: 'All', states: [] },
  { id: 'active', label: 'Active', states: ['CREATED', 'WAITING', 'EXECUTING', 'ROLLBACK'] },
  { id: 'failed', label: 'Failed', states: END_STATES.filter((state) => state !== 'FINISHED') },
  { id: 'finished', label: 'Finished', states: ['FINISHED'] },
];

export const SPANS = [
  { id: '', label: 'Any time', ms: null },
  { id: 'hour', label: 'Last hour', ms: 3_600_000 },
  { id: 'day', label: 'Last day', ms: 86_400_000 },
  { id: 'week', label: 'Last week', ms: 604_800_000 },
] as const;

/** What of the tasks is looked at. */
export interface TaskFilter {
  readonly choice: string;
  readonly words: string;
  readonly who: string;
  readonly span: string;
  /** The number of the task that they are parts of, as typed. */
  readonly parent: string;
}

export const EVERYTHING: TaskFilter = { choice: 'all', words: '', who: '', span: '', parent: '' };

export interface SavedFilter extends TaskFilter {
  readonly name: string;
}

const FIELDS = ['name', 'choice', 'words', 'who', 'span', 'parent'] as const;
const kept = keptList<SavedFilter>(
  'dispatcher.task-filters',
  (entry): entry is SavedFilter =>
    isObject(entry) && FIELDS.every((field) => typeof entry[field] === 'string'),
  30,
);
export const savedFilters = kept.list;

export function saveFilter(filter: SavedFilter): void {
  kept.set([filter, ...savedFilters.value.filter(({ name }) => name !== filter.name)]);
}

export function forgetFilter(name: string): void {
  kept.set(savedFilters.value.filter((filter) => filter.name !== name));
}

/** As the server takes it. */
export function queryOf({ choice, words, who, span, parent }: TaskFilter, now: Date): Json[] {
  const states = CHOICES.find(({ id }) => id === choice)?.states ?? [];
  const ms = SPANS.find(({ id }) => id === span)?.ms ?? null;
  const conditions: Json[] = [];
  if (states.length > 0) conditions.push(['state', 'in', states]);
  if (words.trim() !== '') conditions.push(['name', 'match', `*${words.trim()}*`]);
  if (who.trim() !== '') conditions.push(['user', 'match', `*${who.trim()}*`]);
  if (/^\d+$/.test(parent.trim())) conditions.push(['parent', '=', Number(parent)]);
  if (ms !== null) {
    const since = new Date(now.getTime() - ms).toISOString();
    conditions.push(['created_at', '>=', { $date: since }]);
  }
  return conditions;
}
