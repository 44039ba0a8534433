import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from '../../exit-status.js';
import type { Pipeline, Sequence, Statement, Value } from '../grammar/index.js';
import type { Evaluation } from './evaluation.js';
import { freeValue } from './expand.js';
import { causeOf, errorValue, ExitRequest, placed, statusOf } from './problem.js';
import { captured, runPipeline } from './run-pipeline.js';

/** One after the other; the first that fails ends them. @throws PlacedError, ExitRequest */
export async function runStatements(
  statements: readonly Statement[],
  evaluation: Evaluation,
): Promise<void> {
  for (const statement of statements) await runStatement(statement, evaluation, show);
}

/** What the pipelines of statements give, and nothing is shown. */
export async function statementValues(
  statements: readonly Statement[],
  evaluation: Evaluation,
): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  const collect: Take = async (pipeline, around) => {
    const value = await captured(pipeline, around);
    if (value !== null) values.push(...(Array.isArray(value) ? (value as unknown[]) : [value]));
    return value;
  };
  for (const statement of statements) await runStatement(statement, evaluation, collect);
  return values;
}

/** What is done with each pipeline; resolves with its value where that is known. */
type Take = (pipeline: Pipeline, evaluation: Evaluation) => Promise<unknown>;

const show: Take = async (pipeline, evaluation) => {
  await runPipeline(pipeline, evaluation);
  return true;
};

async function runStatement(
  statement: Statement,
  evaluation: Evaluation,
  take: Take,
): Promise<void> {
  const { shell, script, signal } = evaluation;
  signal.throwIfAborted();
  switch (statement.kind) {
    case 'sequence':
      await runSequence(statement, evaluation, take);
      return;
    case 'set': {
      const { value, name, start } = statement;
      try {
        const isCommand = value.kind === 'pipeline';
        const set = isCommand
          ? await captured(value, evaluation)
          : await freeValue(value, evaluation);
        shell.variables.set(name, set);
      } catch (error) {
        throw placed(error, script, start);
      }
      return;
    }
    case 'for':
      await runFor(statement, evaluation, take);
      return;
    case 'if': {
      const { condition, then, otherwise } = statement;
      const block = (await holds(condition, evaluation)) ? then : (otherwise ?? []);
      for (const inner of block) await runStatement(inner, evaluation, take);
      return;
    }
    case 'try':
      try {
        for (const inner of statement.body) await runStatement(inner, evaluation, take);
      } catch (error) {
        if (!isForgivable(error, evaluation)) throw error;
      }
  }
}

/** ^C, `exit` and the end of the session go through everything. */
function isForgivable(error: unknown, { signal, io }: Evaluation): boolean {
  return !(error instanceof ExitRequest) && !signal.aborted && !io.signal.aborted;
}

async function runSequence(
  { first, rest, isBackground }: Sequence,
  evaluation: Evaluation,
  take: Take,
): Promise<unknown> {
  const around = isBackground ? { ...evaluation, isBackground } : evaluation;
  let failure: unknown = null;
  let value: unknown = null;
  const steps = [{ joint: '&&' as '&&' | '||', pipeline: first }, ...rest];
  for (const { joint, pipeline } of steps) {
    if ((failure === null) !== (joint === '&&')) continue;
    failure = null;
    try {
      value = await take(pipeline, around);
      evaluation.shell.status = 0;
    } catch (error) {
      note(error, evaluation);
      if (!isForgivable(error, evaluation)) throw error;
      failure = error;
    }
  }
  if (failure !== null) throw failure as Error;
  return value;
}

function note(error: unknown, evaluation: Evaluation): void {
  const { shell } = evaluation;
  shell.status = statusOf(error, evaluation);
  shell.variables.set('error', errorValue(error, evaluation));
}

/**
 * Whether a command succeeds and what it gives is neither nothing nor false nor 0 nor empty. A line that
 * cannot be read is no answer.
 */
async function holds(condition: Sequence, evaluation: Evaluation): Promise<boolean> {
  try {
    const value = await runSequence(condition, evaluation, (pipeline, around) =>
      captured(pipeline, around).then((given) => (given === null ? NOTHING : given)),
    );
    return isTrue(value);
  } catch (error) {
    if (!isForgivable(error, evaluation) || causeOf(error) instanceof UsageError) throw error;
    return false;
  }
}

const NOTHING = Symbol('succeeded, and gave nothing');

function isTrue(value: unknown): boolean {
  if (value === NOTHING) return true;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

async function runFor(
  { name, list, body }: Extract<Statement, { kind: 'for' }>,
  evaluation: Evaluation,
  take: Take,
): Promise<void> {
  const { variables } = evaluation.shell;
  const values = await listOf(list, evaluation).catch((error: unknown) => {
    throw placed(error, evaluation.script, list.start);
  });
  for (const value of values) {
    await nextTurn(); // where ^C is heard
    evaluation.signal.throwIfAborted();
    variables.set(name, value);
    for (const inner of body) await runStatement(inner, evaluation, take);
  }
}

async function listOf(list: Value, evaluation: Evaluation): Promise<readonly unknown[]> {
  if (list.kind === 'bare') return list.text.split(',');
  const value = await freeValue(list, evaluation);
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value === 'object' && value !== null) {
    throw new UsageError('for goes through a list, and this is one object');
  }
  return value === null ? [] : [value];
}
