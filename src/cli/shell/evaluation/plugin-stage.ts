import { withArgumentNames } from '../../call/bound-arguments.js';
import { UsageError } from '../../exit-status.js';
import { jsonText, printableLines } from '../../output/index.js';
import type { Argument } from '../grammar/index.js';
import type { PluginStage } from '../plugins/index.js';
import { boundCall } from './bound-call.js';
import type { Evaluation } from './evaluation.js';
import { type Flow, valueOf } from './flow.js';
import { said } from './invoke.js';
import { byPlace } from './plugin-command.js';
import type { ReadStage } from './prepared-pipeline.js';
import { argumentNames, readWords } from './read-words.js';

type ReadPluginStage = Extract<ReadStage, { kind: 'plugin' }>;

/** @throws what `boundCall` throws */
export async function readPluginStage(
  stage: PluginStage,
  args: readonly Argument[],
  evaluation: Evaluation,
): Promise<ReadPluginStage> {
  const { signature, least } = stage;
  const words = await readWords(args, argumentNames(signature), evaluation);
  const bound = await boundCall(words, { signature, least }, evaluation);
  return { kind: 'plugin', stage, bound };
}

/** A stage that a plugin of the shell brings, on rows as they come. */
export async function pluginStageFlow(
  flow: Flow,
  { stage, bound }: ReadPluginStage,
  evaluation: Evaluation,
): Promise<Flow> {
  if (flow.kind === 'none' || flow.kind === 'text') {
    const what = flow.kind === 'none' ? 'there are none' : 'this is text';
    throw new UsageError(`${stage.name} works on rows, and ${what}`);
  }
  if (evaluation.isDry) {
    said(`| ${stage.name} ${jsonText(bound.args)}`, evaluation);
    return flow;
  }
  const [{ runPlugin }, { pluginContext }] = await Promise.all([
    import('../plugins/run-plugin.js'),
    import('./plugin-context.js'),
  ]);
  const { signal } = evaluation;
  const { context } = pluginContext(evaluation, stage.plugin.name);
  const rows = flow.kind === 'rows' ? flow.rows : one(flow.value);
  const args = byPlace(bound, stage.signature);
  return withArgumentNames(bound.names, () =>
    runPlugin(stage, { args, context: Object.assign(context, { rows }), signal }),
  );
}

async function* one(value: unknown) {
  await Promise.resolve();
  yield value;
}

/** `to NAME` of a plugin: its text of the whole answer. */
export async function formatterFlow(
  flow: Flow,
  name: string,
  { shell, signal }: Evaluation,
): Promise<Flow> {
  if (flow.kind === 'text') throw new UsageError(`to ${name} works on rows, and this is text`);
  const formatter = shell.plugins.formatters.get(name);
  if (formatter === undefined) throw new UsageError(`There is no form ${name} any more`);
  const { plugin, format } = formatter;
  const value = await valueOf(flow);
  const { runPluginFunction } = await import('../plugins/run-plugin.js');
  const text = await runPluginFunction(plugin, () => format(value), signal);
  if (typeof text !== 'string') {
    throw new UsageError(`to ${name}: the plugin ${plugin.name} gave no text`);
  }
  return { kind: 'text', text: printableLines(text.endsWith('\n') ? text : `${text}\n`) };
}
