import { CallLoad, type CallShape } from '../load/call-load.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { nestWs, wsJson } from '../subjects/reference.subjects.js';
import { compare } from './comparison.js';
import type { Row, RowContext, RowResult } from './row.js';

interface Work extends CallShape {
  readonly target: number;
}

const WORKS: readonly Work[] = [
  { connections: 32, inFlight: 16, target: 2.5 },
  { connections: 64, inFlight: 1, target: 1.0 },
];

/** Validated calls: the CPU the server spends on one, against raw `ws` and a stock Nest gateway. */
export const callsRow: Row = {
  name: 'calls',
  async run(context) {
    const results: RowResult[] = [];
    for (const work of WORKS) results.push(await measureWork(work, context));
    return results;
  },
};

function measureWork(work: Work, context: RowContext): Promise<RowResult> {
  return compare(
    {
      row: 'calls',
      title: `calls, ${work.connections} connections × ${work.inFlight} in flight`,
      operation: 'call',
      build: (entry) => dispatcher({ entry }),
      references: [wsJson, nestWs],
      target: work.target,
      open: ({ server, subject }) => CallLoad.open(server, subject.dialect, work),
    },
    context,
  );
}
