import type { Place } from '../namespaces/index.js';
import type { Evaluation } from './evaluation.js';
import { readRow } from './read-row.js';

/** Goes to a place. @throws CommandError for a row that the server does not have */
export async function goTo(place: Place, evaluation: Evaluation): Promise<void> {
  const { item, namespace } = place;
  if (item !== null && namespace.entity !== null) await readRow(namespace.entity, item, evaluation);
  evaluation.shell.goTo(place);
}
