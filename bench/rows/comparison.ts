import {
  type Contender,
  cpuRatio,
  interleave,
  type Load,
  type Round,
  summary,
} from '../measure/rounds.js';
import { PROFILE_EXEC_ARGV, profiled } from '../report/profile.js';
import type { Subject } from '../subjects/subject.js';
import type { Goal, Line, RowContext, RowResult } from './row.js';
import { startAll, type Started, stopAll } from './started.js';

/** A load that holds connections, and may have something to tell once it ran. */
export interface ClosableLoad extends Load {
  /** What the reader of the table should know about the work that was done. */
  readonly note?: string;
  close(): Promise<void>;
}

/** One piece of work put on several servers in turns, decided by the CPU they spend on it. */
export interface Comparison<S extends Subject> {
  /** The name of the row. */
  readonly row: string;
  readonly title: string;
  /** One operation, in the singular: `call`. */
  readonly operation: string;
  /** The product, of the build with this entry file. */
  readonly build: (entry: string) => S;
  /** The first decides. */
  readonly references: readonly [S, ...S[]];
  /** How many times less CPU the product should need than the first reference. */
  readonly target: number;
  open(started: Started<S>): Promise<ClosableLoad>;
}

type Measurements = ReadonlyMap<string, readonly Round[]>;

/** Starts the servers, measures them and stops them; a server that does not start becomes a note. */
export async function compare<S extends Subject>(
  comparison: Comparison<S>,
  context: RowContext,
): Promise<RowResult> {
  const { row, title, build, references } = comparison;
  const { server, before } = context.options;
  const product = build(server);
  const older = before === null ? [] : [{ ...build(before), name: 'before' }];
  context.progress(title);
  const execArgv = context.options.profile ? PROFILE_EXEC_ARGV : [];
  const { started, notes } = await startAll([product, ...references, ...older], { execArgv });
  const loads = new Map<string, ClosableLoad>();
  try {
    const contenders: Contender[] = [];
    for (const each of started) {
      const { name } = each.subject;
      const load = await comparison.open(each);
      loads.set(name, load);
      contenders.push({ name, pid: each.server.pid, load });
    }
    const rounds = await measureAll(contenders, { title, product: product.name }, context);
    const told = [...loads].flatMap(([name, { note }]) => (note ? [`${name}: ${note}`] : []));
    // Only the product is watched, and that alone makes its events some thirty percent dearer.
    if (context.options.profile) told.push('recorded with perf: the figures do not count');
    return {
      row,
      work: title,
      ...evaluate(rounds, product.name, comparison),
      notes: [...notes, ...told],
    };
  } finally {
    await Promise.all([...loads.values()].map((load) => load.close()));
    await stopAll(started);
  }
}

function measureAll(
  contenders: readonly Contender[],
  { title, product }: { readonly title: string; readonly product: string },
  { options }: RowContext,
): Promise<Measurements> {
  const measure = (): Promise<Measurements> => interleave(contenders, options);
  const pid = contenders.find(({ name }) => name === product)?.pid;
  if (!options.profile || pid === undefined) return measure();
  return profiled({ pid, title }, measure);
}

function evaluate<S extends Subject>(
  rounds: Measurements,
  product: string,
  { operation, references, target }: Comparison<S>,
): { readonly lines: readonly Line[]; readonly goal?: Goal } {
  const unit = `µs CPU/${operation}`;
  const own = rounds.get(product);
  const lines = [...rounds].map(([subject, its]) => lineOf({ subject, unit }, its, own));
  const [{ name: reference }] = references;
  const achieved = lines.find(({ subject }) => subject === reference)?.ratio?.median;
  if (achieved === undefined) return { lines };
  const figure = `CPU per ${operation}, ${reference} / ${product}`;
  return { lines, goal: { figure, target, better: 'higher', achieved } };
}

function lineOf(
  label: Pick<Line, 'subject' | 'unit'>,
  its: readonly Round[],
  product?: readonly Round[],
): Line {
  const { cpuMicrosPerOperation: value, operationsPerSecond: perSecond, busy } = summary(its);
  const line = { ...label, value, perSecond, busy };
  return product === undefined || product === its
    ? line
    : { ...line, ratio: cpuRatio(its, product) };
}
