import { UsageError } from '../../exit-status.js';
import type { Argument } from '../grammar/index.js';
import type { MethodCallable } from '../namespaces/index.js';
import { STAGES } from '../words-table.js';

/** For `show limit=2`: the word is one for behind a pipe. Nothing for any other word. */
export function stageHint(word: string): string {
  const stage = STAGES.get(word);
  return stage === undefined ? '' : `; behind a pipe: | ${`${word} ${stage.usage}`.trimEnd()}`;
}

/**
 * A query is called with a filter and parameters as they travel; who writes `task query limit=2` or
 * `task query state=FAILED` wants rows.
 *
 * @throws UsageError that names the command for that
 */
export function refuseConditions(
  args: readonly Argument[],
  { method, signature }: MethodCallable,
): void {
  const known = signature.parameters ?? [];
  const condition = args.find((one) => one.kind === 'named' && !known.includes(one.name));
  if (condition?.kind !== 'named') return;
  const { name, operator } = condition;
  const rows = [...method.split('.').slice(0, -1), 'show'].join(' ');
  const way = STAGES.has(name) ? `${rows} | ${name} VALUE` : `${rows} ${name}${operator}VALUE`;
  throw new UsageError(`${method} takes ${known.join(' and ')} as they travel; for rows: ${way}`);
}
