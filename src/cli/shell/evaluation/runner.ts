import { UsageError } from '../../exit-status.js';
import { parseScript } from '../grammar/index.js';
import type { Evaluation, LineRunner, Script } from './evaluation.js';
import { placed } from './problem.js';
import { captured, flowOfPipeline, preparedPipeline } from './run-pipeline.js';
import { runStatements, statementValues } from './run-script.js';

/** What lines within lines are run by: the one place that knows all of it. */
const RUNNER: LineRunner = {
  run,
  prepared: preparedPipeline,
  flow: flowOfPipeline,
  captured,
  values: statementValues,
};

/** Runs a text: nothing of it when it cannot be read. @throws PlacedError */
export const runText = (
  script: Script,
  around: Omit<Evaluation, 'script' | 'runner'>,
): Promise<void> => run(script, { ...around, script, runner: RUNNER });

async function run(script: Script, evaluation: Evaluation): Promise<void> {
  const { statements, problems } = parseScript(script.text);
  const [problem] = problems;
  if (problem !== undefined) throw placed(new UsageError(problem.message), script, problem.start);
  await runStatements(statements, { ...evaluation, script });
}
