import { CallLoad, type CallShape } from '../load/call-load.js';
import { type Contender, cpuRatio, interleave, type Round, summary } from '../measure/rounds.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { nestWs, wsJson } from '../subjects/reference.subjects.js';
import { PROFILE_EXEC_ARGV, profiled } from '../report/profile.js';
import type { Goal, Line, Row, RowContext, RowResult } from './row.js';
import { startAll, type Started, stopAll } from './started.js';

interface Work extends CallShape {
  readonly target: number;
}

type Measurements = ReadonlyMap<string, readonly Round[]>;

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

async function measureWork(work: Work, context: RowContext): Promise<RowResult> {
  const title = `calls, ${work.connections} connections × ${work.inFlight} in flight`;
  context.progress(title);
  const subjects = [dispatcher({ entry: context.options.server }), wsJson, nestWs];
  const execArgv = context.options.profile ? PROFILE_EXEC_ARGV : [];
  const { started, notes } = await startAll(subjects, { execArgv });
  try {
    const rounds = await measureAll(started, { ...work, title }, context);
    return { row: 'calls', work: title, ...evaluate(rounds, work.target), notes };
  } finally {
    await stopAll(started);
  }
}

async function measureAll(
  started: readonly Started[],
  work: CallShape & { readonly title: string },
  { options }: RowContext,
): Promise<Measurements> {
  const loads: CallLoad[] = [];
  try {
    const contenders: Contender[] = [];
    for (const { subject, server } of started) {
      const load = await CallLoad.open(server, subject.dialect, work);
      loads.push(load);
      contenders.push({ name: subject.name, pid: server.pid, load });
    }
    const measure = (): Promise<Measurements> => interleave(contenders, options);
    const product = contenders.find(({ name }) => name === 'dispatcher');
    if (!options.profile || product === undefined) return await measure();
    return await profiled({ pid: product.pid, title: work.title }, measure);
  } finally {
    await Promise.all(loads.map((load) => load.close()));
  }
}

function evaluate(
  rounds: Measurements,
  target: number,
): { readonly lines: readonly Line[]; readonly goal?: Goal } {
  const product = rounds.get('dispatcher');
  const lines = [...rounds].map(([subject, own]) => lineOf(subject, own, product));
  const achieved = lines.find((line) => line.subject === wsJson.name)?.ratio?.median;
  if (achieved === undefined) return { lines };
  const figure = 'CPU per call, ws-json / dispatcher';
  return { lines, goal: { figure, target, better: 'higher', achieved } };
}

function lineOf(subject: string, own: readonly Round[], product?: readonly Round[]): Line {
  const { cpuMicrosPerOperation, operationsPerSecond, busy } = summary(own);
  const line = {
    subject,
    value: cpuMicrosPerOperation,
    unit: 'µs CPU/call',
    perSecond: operationsPerSecond,
    busy,
  };
  return product === undefined || product === own
    ? line
    : { ...line, ratio: cpuRatio(own, product) };
}
