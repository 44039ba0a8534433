import { withArgumentNames } from '../../call/bound-arguments.js';
import { jsonText } from '../../output/index.js';
import type { ArgumentWord, BoundArguments, Signature } from '../../values/index.js';
import type { PluginCallable } from '../namespaces/index.js';
import type { PluginCommand } from '../plugins/index.js';
import { UNKNOWN_SHAPE } from '../stages/index.js';
import { boundCall } from './bound-call.js';
import type { Evaluation } from './evaluation.js';
import type { Flow } from './flow.js';
import { said, withoutSecrets } from './invoke.js';
import type { Source } from './source.js';

/** A command that a plugin of the shell brings. @throws what `boundCall` throws */
export async function pluginSource(
  { signature, least, handler }: PluginCallable,
  given: readonly ArgumentWord[],
  evaluation: Evaluation,
): Promise<Source> {
  const bound = await boundCall(given, { signature, least }, evaluation);
  const what = `${signature.what} ${jsonText(withoutSecrets(bound.args))}`;
  return {
    kind: 'action',
    what,
    where: 'plugin',
    shape: UNKNOWN_SHAPE,
    run: async () =>
      evaluation.isDry ? said(what, evaluation) : run(handler as PluginCommand, bound, evaluation),
  };
}

async function run(
  command: PluginCommand,
  bound: BoundArguments,
  evaluation: Evaluation,
): Promise<Flow> {
  const [{ runPlugin }, { pluginContext }] = await Promise.all([
    import('../plugins/run-plugin.js'),
    import('./plugin-context.js'),
  ]);
  const { context, end } = pluginContext(evaluation, command.plugin.name);
  const { signal } = evaluation;
  const args = byPlace(bound, command.signature);
  try {
    const flow = await withArgumentNames(bound.names, () =>
      runPlugin(command, { args, context, signal }),
    );
    if (flow.kind !== 'rows') end(); // rows are made while they are shown
    return flow;
  } catch (error) {
    end();
    throw error;
  }
}

/** The arguments of a function: what was given by name stands where its name does. */
export function byPlace({ args }: BoundArguments, { parameters }: Signature): readonly unknown[] {
  if (Array.isArray(args)) return args as readonly unknown[];
  if (parameters === null) return [args];
  const named = args as Readonly<Record<string, unknown>>;
  return parameters.map((name) => (Object.hasOwn(named, name) ? named[name] : undefined));
}
