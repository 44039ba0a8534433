import { UsageError } from '../../../exit-status.js';
import type { Argument, Pipeline } from '../../grammar/index.js';
import { UNKNOWN_SHAPE } from '../../stages/index.js';
import type { Evaluation } from '../evaluation.js';
import { plainText } from '../expand.js';
import { type Flow, NONE } from '../flow.js';
import type { Source } from '../source.js';

export interface BuiltInCall {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly evaluation: Evaluation;
  /** All of it, for what is about a line. */
  readonly pipeline: Pipeline;
}

/** What carries out a word of the shell's own. */
export type BuiltIn = (call: BuiltInCall) => Promise<Source>;

/** One that needs the server for nothing but what it does itself. */
export function doing(run: (call: BuiltInCall) => Promise<Flow> | Flow): BuiltIn {
  return (call) =>
    Promise.resolve({
      kind: 'action',
      what: `.${call.name}`,
      where: 'client',
      shape: UNKNOWN_SHAPE,
      run: async () => run(call),
    });
}

/** One that gives nothing. */
export const silently = (run: (call: BuiltInCall) => Promise<void> | void): BuiltIn =>
  doing(async (call) => {
    await run(call);
    return NONE;
  });

/** The words behind it, as texts. @throws UsageError for one with a name */
export async function texts({ args, name, evaluation }: BuiltInCall): Promise<readonly string[]> {
  const words: string[] = [];
  for (const argument of args) {
    if (argument.kind !== 'positional') {
      throw new UsageError(`${name} does not take ${argument.name}`);
    }
    words.push(await plainText(argument.value, evaluation));
  }
  return words;
}

/** @throws UsageError for more words, or fewer */
export async function oneText(call: BuiltInCall, what: string): Promise<string> {
  const [word, ...others] = await texts(call);
  if (word === undefined || others.length > 0) throw new UsageError(`${call.name} takes ${what}`);
  return word;
}

/** The value of a flag; null where it is not given. */
export async function flagText(
  { args, evaluation, name }: BuiltInCall,
  flag: string,
): Promise<string | null> {
  const found = args.find((one) => one.kind === 'flag' && one.name === flag);
  if (found?.kind !== 'flag') return null;
  if (found.value !== null) return plainText(found.value, evaluation);
  const next = args[args.indexOf(found) + 1];
  if (next?.kind !== 'positional') throw new UsageError(`${name} --${flag} needs a value`);
  return plainText(next.value, evaluation);
}

/** The words that are no flags and no values of these. */
export function withoutFlags(
  args: readonly Argument[],
  flags: readonly string[],
): readonly Argument[] {
  return args.filter((one, at) => {
    if (one.kind === 'flag') return !flags.includes(one.name);
    const before = args[at - 1];
    return !(before?.kind === 'flag' && flags.includes(before.name) && before.value === null);
  });
}
