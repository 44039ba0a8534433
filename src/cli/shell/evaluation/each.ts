import { UsageError } from '../../exit-status.js';
import type { Statement } from '../grammar/index.js';
import type { Evaluation } from './evaluation.js';
import type { Flow } from './flow.js';

/** Runs the block for each row, as rows are asked for; what its commands give are the rows that go on. */
export function eachFlow(flow: Flow, block: readonly Statement[], evaluation: Evaluation): Flow {
  if (flow.kind === 'none' || flow.kind === 'text') {
    throw new UsageError('each works on rows, and there are none');
  }
  const rows = flow.kind === 'rows' ? flow.rows : [flow.value];
  return { kind: 'rows', rows: results(rows, block, evaluation), columns: null };
}

const NAME = 'it';

async function* results(
  rows: AsyncIterable<unknown> | Iterable<unknown>,
  block: readonly Statement[],
  evaluation: Evaluation,
) {
  const { runner, shell } = evaluation;
  const { variables } = shell;
  const had = variables.has(NAME);
  const before = variables.get(NAME);
  try {
    for await (const row of rows) {
      variables.set(NAME, row);
      yield* await runner.values(block, evaluation);
    }
  } finally {
    if (had) variables.set(NAME, before);
    else variables.delete(NAME);
  }
}
