import { isList, isObject, type Json } from '../forms/index.js';
import { keptList } from './kept.js';

/** A call that somebody wants again; passwords are not in it. */
export interface SavedCall {
  readonly name: string;
  readonly method: string;
  readonly args: readonly Json[];
}

const kept = keptList<SavedCall>('dispatcher.saved-calls', isSavedCall);
export const savedCalls = kept.list;

function isSavedCall(entry: unknown): entry is SavedCall {
  return (
    isObject(entry) &&
    typeof entry['name'] === 'string' &&
    typeof entry['method'] === 'string' &&
    isList(entry['args'])
  );
}

/** Under a name; another call of that name is replaced. */
export function saveCall(saved: SavedCall): void {
  kept.set([saved, ...savedCalls.value.filter(({ name }) => name !== saved.name)]);
}

export function forgetCall(name: string): void {
  kept.set(savedCalls.value.filter((saved) => saved.name !== name));
}
