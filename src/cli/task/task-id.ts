import { UsageError } from '../exit-status.js';

/** @throws UsageError for what is no number of a task */
export function taskId(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new UsageError(`${JSON.stringify(word)} is no number of a task`);
}
