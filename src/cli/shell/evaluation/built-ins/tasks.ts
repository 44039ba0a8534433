import { CommandError, EXIT, UsageError } from '../../../exit-status.js';
import { noSuch } from '../../../no-such.js';
import { Printer } from '../../../output/index.js';
import { taskId } from '../../../task/task-id.js';
import { taskLog, taskLogText } from '../../../task/task-log.js';
import { explanationText } from '../../../task/wait-reasons.js';
import { finished } from '../../../task/watch-task.js';
import { rowProperties } from '../../../values/index.js';
import type { Explanation } from '../../../../wire/index.js';
import type { Argument, Pipeline } from '../../grammar/index.js';
import { type MethodCallable, type Namespace, type TaskCallable } from '../../namespaces/index.js';
import { UNKNOWN_SHAPE } from '../../stages/index.js';
import { boundCall } from '../bound-call.js';
import { callMethod, connected } from '../evaluation.js';
import { explained } from '../explain.js';
import { plainText } from '../expand.js';
import { flowOf, NONE } from '../flow.js';
import { actionOf, followed, hasMethod } from '../invoke.js';
import { argumentNames, readWords } from '../read-words.js';
import { show } from '../show.js';
import type { Source } from '../source.js';
import { type BuiltIn, type BuiltInCall, doing, oneText, silently, texts } from './built-in.js';

/** By the full name, or that of a task of the place whose name a method has. */
const submit: BuiltIn = async (call) => {
  const [first, ...args] = call.args;
  const name = await nameOf(first, call);
  const { shell } = call.evaluation;
  const { namespace } = shell.place;
  const here = namespace.hiddenTasks.get(name) ?? namespace.commands.get(name);
  const all = tasksOf(shell.serverRoot);
  const task = here?.kind === 'task' ? here : all.get(name);
  if (task === undefined) throw await noSuch(`There is no task ${name}`, name, [...all.keys()]);
  return direct(task, args, call);
};

/** By the full name: `call system.info`. */
const call: BuiltIn = async (given) => {
  const [first, ...args] = given.args;
  const name = await nameOf(first, given);
  const dot = name.lastIndexOf('.');
  const namespace = find(given.evaluation.shell.serverRoot, name.slice(0, Math.max(0, dot)));
  const method = namespace?.commands.get(name.slice(dot + 1));
  if (method?.kind !== 'method') {
    const known = methodsOf(given.evaluation.shell.serverRoot);
    throw await noSuch(`There is no method ${name}`, name, known);
  }
  return direct(method, args, given);
};

async function direct(
  callable: MethodCallable | TaskCallable,
  args: readonly Argument[],
  { evaluation }: BuiltInCall,
): Promise<Source> {
  const { signature, least } = callable;
  const words = await readWords(args, argumentNames(signature), evaluation);
  const bound = await boundCall(words, { signature, least }, evaluation);
  const shape =
    callable.kind === 'method'
      ? {
          properties: rowProperties(callable.result, signature.definitions),
          definitions: signature.definitions,
        }
      : UNKNOWN_SHAPE;
  return actionOf(callable, bound, { evaluation, shape });
}

async function nameOf(
  word: Argument | undefined,
  { name, evaluation }: BuiltInCall,
): Promise<string> {
  if (word?.kind !== 'positional') throw new UsageError(`${name} takes a name first`);
  return plainText(word.value, evaluation);
}

function find(root: Namespace, service: string): Namespace | undefined {
  let found: Namespace | undefined = root;
  for (const word of service.split('.')) found = found?.children.get(word);
  return found;
}

function everything(root: Namespace): readonly Namespace[] {
  return [root, ...[...root.children.values()].flatMap(everything)];
}

function tasksOf(root: Namespace): ReadonlyMap<string, TaskCallable> {
  const all = everything(root).flatMap(({ commands, hiddenTasks }) => [
    ...commands.values(),
    ...hiddenTasks.values(),
  ]);
  return new Map(all.flatMap((one) => (one.kind === 'task' ? [[one.task, one] as const] : [])));
}

const methodsOf = (root: Namespace): readonly string[] =>
  everything(root).flatMap(({ commands }) =>
    [...commands.values()].flatMap((one) => (one.kind === 'method' ? [one.method] : [])),
  );

const JOB_COLUMNS = ['id', 'name', 'state', 'created_at'];

const jobs = doing(async ({ evaluation }) => {
  const ids = [...evaluation.shell.jobs.keys()];
  if (ids.length === 0) return flowOf([], JOB_COLUMNS);
  const rows = await callMethod(evaluation, 'task.query', [[['id', 'in', ids]], { sort: 'id' }]);
  return flowOf(rows, JOB_COLUMNS);
});

/** Those of this shell, or these; fails as the first of them that failed. */
const wait = doing(async (given) => {
  const { evaluation } = given;
  const { shell, io } = evaluation;
  const words = await texts(given);
  const ids = words.length === 0 ? [...shell.jobs.keys()] : words.map(taskId);
  if (evaluation.isDry) return NONE;
  await connected(evaluation);
  const results: unknown[] = [];
  let failure: unknown = null;
  for (const id of ids) {
    const { name } = shell.jobs.get(id) ?? { name: 'task' };
    shell.jobs.delete(id); // its end is told here
    const row = await io.watchTask({ id, name });
    if (row === null) return NONE; // left to go on
    try {
      results.push(finished(row).result);
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== null) throw failure as Error;
  if (words.length === 1) return results[0] === null ? NONE : flowOf(results[0]);
  return NONE;
});

const abort = silently(async (given) => {
  const { evaluation } = given;
  const ids = (await texts(given)).map(taskId);
  if (ids.length === 0) throw new UsageError('abort takes numbers of tasks');
  for (const id of ids) {
    if (evaluation.isDry) {
      evaluation.io.output.write(`call task.abort [${id}]\n`);
      continue;
    }
    if (await callMethod(evaluation, 'task.abort', [id])) continue;
    throw new CommandError(
      EXIT.failed,
      `Task ${id} cannot be aborted any more: it has ended, or cannot be stopped`,
    );
  }
});

/** The line behind the word, as if it stood alone. */
function lineBehind({ pipeline, args, name }: BuiltInCall): Pipeline {
  const { command } = pipeline;
  const [first] = args;
  if (first === undefined) throw new UsageError(`${name} takes a line`);
  const bare = first.kind === 'positional' && first.value.kind === 'bare' ? first.value : null;
  const isAbsolute = bare?.text.startsWith('/') === true;
  const head: Argument =
    bare === null || !isAbsolute
      ? first
      : { ...first, kind: 'positional', value: { ...bare, text: bare.text.slice(1) } };
  const words = [head, ...args.slice(1)];
  return {
    ...pipeline,
    command: { ...command, isAbsolute, words: words.filter((word) => !isEmptyWord(word)) },
  };
}

const isEmptyWord = (word: Argument): boolean =>
  word.kind === 'positional' && word.value.kind === 'bare' && word.value.text === '';

/** Of a task why it waits; of a line what the server does of it and what is done here. */
const explain: BuiltIn = async (given) => {
  const { args, evaluation, pipeline } = given;
  const [first] = args;
  const isTask =
    args.length === 1 &&
    pipeline.stages.length === 0 &&
    first?.kind === 'positional' &&
    first.value.kind === 'bare' &&
    /^\d+$/.test(first.value.text);
  if (isTask) {
    return doing(async (inner) => {
      const [word = ''] = await texts(inner);
      const explanation = await callMethod(evaluation, 'task.explain', [taskId(word)]);
      const { io, format } = evaluation;
      if (!new Printer(io, format).isForPeople) return flowOf(explanation);
      return { kind: 'text', text: explanationText(explanation as Explanation) };
    })(given);
  }
  const steps = explained(await evaluation.runner.prepared(lineBehind(given), evaluation));
  return aboutLine(given, () => Promise.resolve(flowOf(steps, ['where', 'what'])));
};

/** As text for people; behind a pipe its lines are rows. */
const logs = doing(async (given) => {
  const { evaluation, pipeline } = given;
  const { io, format } = evaluation;
  const id = taskId(await oneText(given, 'the number of a task'));
  const log = await taskLog(
    (method, args) => callMethod(evaluation, method, args),
    id,
    (text) => io.notices.write(text),
  );
  const text = taskLogText(log);
  const areRows = pipeline.stages.length > 0 || new Printer(io, format).asked !== null;
  if (areRows) return flowOf(log.lines);
  if (text === '') io.notices.write('(none)\n');
  return { kind: 'text', text };
});

/** Whatever it is about is not carried out: the stages of the line are none of this answer. */
function aboutLine({ name }: BuiltInCall, run: Extract<Source, { kind: 'action' }>['run']): Source {
  const takesLine = true;
  return {
    kind: 'action',
    what: `.${name}`,
    where: 'client',
    shape: UNKNOWN_SHAPE,
    takesLine,
    run,
  };
}

/** @throws CommandError 7 when something would change */
const plan: BuiltIn = async (given) => {
  const { evaluation } = given;
  const { source } = await evaluation.runner.prepared(lineBehind(given), evaluation);
  return aboutLine(given, async () => {
    if (source.kind === 'query') return flowOf([]);
    if (source.plan === undefined) {
      if (source.where === 'client' || source.what.startsWith('read ')) return flowOf([]);
      throw new CommandError(EXIT.failed, `Nobody can say what ${source.what} would change`);
    }
    const { hasChanges, value } = await source.plan();
    if (!hasChanges) return flowOf([]);
    await show(flowOf(value), evaluation);
    throw new CommandError(EXIT.problems, '');
  });
};

const begin = silently(({ evaluation: { shell } }) => {
  if (shell.collected !== null)
    throw new UsageError('Tasks are being collected already: commit or discard');
  shell.collected = [];
});

const compare = doing(({ evaluation: { shell } }) => {
  if (shell.collected === null) throw new UsageError('Nothing is being collected: begin does that');
  return flowOf(shell.collected.map(({ task, args }, at) => ({ step: at + 1, task, args })));
});

const discard = silently(({ evaluation: { shell, io } }) => {
  if (shell.collected === null) throw new UsageError('Nothing is being collected: begin does that');
  io.notices.write(`${shell.collected.length} forgotten\n`);
  shell.collected = null;
});

/** One composite task where the server has that, else one after the other up to the first that fails. */
const commit = doing(async ({ evaluation }) => {
  const { shell, io } = evaluation;
  const { collected } = shell;
  if (collected === null) throw new UsageError('Nothing is being collected: begin does that');
  shell.collected = null;
  if (collected.length === 0) return NONE;
  const { tasks } = shell.session.client;
  if (hasMethod(evaluation, 'task', 'batch')) {
    const steps = collected.map(({ task, args }) => ({ name: task, args }));
    const id = Number(await callMethod(evaluation, 'task.batch', [steps]));
    return followed({ id, name: 'task.batch' }, evaluation);
  }
  for (const [at, { task, args }] of collected.entries()) {
    try {
      const id = await tasks.submit(task, args, { signal: evaluation.signal });
      await followed({ id, name: task }, { ...evaluation, isBackground: false });
      io.notices.write(`${at + 1} of ${collected.length}: ${task} is done\n`);
    } catch (error) {
      const left = collected.length - at - 1;
      io.notices.write(`${at} done, ${task} failed, ${left} not begun; what is done stays\n`);
      throw error;
    }
  }
  return NONE;
});

export const TASKS: readonly (readonly [string, BuiltIn])[] = [
  ['submit', submit],
  ['call', call],
  ['jobs', jobs],
  ['wait', wait],
  ['abort', abort],
  ['explain', explain],
  ['logs', logs],
  ['plan', plan],
  ['begin', begin],
  ['compare', compare],
  ['discard', discard],
  ['commit', commit],
];
