import type { ActionReport, FileReport, GenerationReport } from '../model/index.js';

/** A report as people read it: a line for each file that is not as before, its difference, the actions. */
export function reportText({ files, actions }: GenerationReport): string {
  const told = files.filter(({ outcome }) => outcome !== 'unchanged' && outcome !== 'disabled');
  const rest = files.length - told.length;
  const lines = [...told.map(fileText), ...actions.map(actionText)];
  if (rest > 0) lines.push(`${rest} unchanged\n`);
  return lines.join('');
}

function fileText({ name, outcome, changes, error, diff }: FileReport): string {
  const what = changes.length === 0 ? '' : ` (${changes.join(', ')})`;
  const place = error?.line === undefined ? '' : ` at ${error.template ?? ''}:${error.line}`;
  const why = error === undefined ? '' : `: ${error.stage}${place}: ${error.message}`;
  const output = error?.output === undefined ? '' : `${error.output.trimEnd()}\n`;
  return `${outcome.padEnd(11)} ${name}${what}${why}\n${output}${diff ?? ''}`;
}

function actionText({ action, outcome, code, output }: ActionReport): string {
  const status = code === undefined ? '' : ` (${code})`;
  const told = output === undefined || output === '' ? '' : `${output.trimEnd()}\n`;
  return `${outcome.padEnd(11)} ${nameOf(action)}${status}\n${told}`;
}

function nameOf(action: ActionReport['action']): string {
  if ('unit' in action) return `${action.action} ${action.unit}`;
  if ('signal' in action) return `${action.signal} to ${action.pidfile}`;
  if ('command' in action) return action.command.join(' ');
  return `call ${action.call[0]}`;
}
