import type { Explanation } from '../../wire/index.js';
import { printable } from '../output/index.js';

type Reason = Explanation['waits'][number];

/** Why a task waits, on one line: `waits for disk:/dev/sda (held by 17)`; empty for one that does not. */
export function waitText({ waits }: Pick<Explanation, 'waits'>): string {
  if (waits.length === 0) return '';
  const texts = [...new Set(waits.map(reasonText))];
  const [first = '', second] = texts;
  const more = texts.length > 2 ? ` and ${texts.length - 1} more` : ` and ${second ?? ''}`;
  return `waits for ${second === undefined ? first : first + more}`;
}

/** One reason; every reason is one line of `task explain`. */
function reasonText({ relation, claim, resource, task, reason, path }: Reason): string {
  const what = claim?.resource ?? resource ?? '';
  const way = path !== undefined && path.length > 1 ? ` by way of ${path.join(' → ')}` : '';
  switch (relation) {
    case 'held':
      return `${what} (held by ${task ?? 'another task'}${way})`;
    case 'precedes':
      return `${what} (task ${task ?? ''} was first${way})`;
    case 'missing':
      return `${what}, which is not there`;
    case 'verifying':
      return `task ${task ?? ''}, which says what it locks`;
    case 'order':
      return `its turn behind task ${task ?? ''}`;
    case 'executor':
      return `a process to run in${reason === undefined ? '' : ` (${reason})`}`;
  }
}

/** All that is known of why a task is where it is, for people; made of the server's texts. */
export function explanationText({ id, name, state, waits, stages }: Explanation): string {
  const spans = Object.entries(stages)
    .filter(([, ms]) => ms !== null)
    .map(([stage, ms]) => `${stage.replace('_ms', '')} ${ms} ms`);
  return [
    `Task ${id} (${printable(name)}) is ${state}${waits.length === 0 ? '' : ' and waits for'}`,
    ...waits.map((reason) => `  ${printable(reasonText(reason))}`),
    ...(spans.length === 0 ? [] : [`  ${spans.join(', ')}`]),
    '',
  ].join('\n');
}
