import { UsageError } from '../../exit-status.js';
import { parseScript } from '../grammar/index.js';
import type { Evaluation, Script } from './evaluation.js';
import { placed } from './problem.js';
import { runStatements } from './run-script.js';

/** Runs a text: nothing of it when it cannot be read. @throws PlacedError */
export async function runText(script: Script, evaluation: Evaluation): Promise<void> {
  const { statements, problems } = parseScript(script.text);
  const [problem] = problems;
  if (problem !== undefined) throw placed(new UsageError(problem.message), script, problem.start);
  await runStatements(statements, { ...evaluation, script });
}
