import { errnoName, isDispatcherError, messageOf } from '../common/portable.js';
import { usageOf, PROGRAM } from './help.js';
import { MisuseError } from './arguments/index.js';
import { FailedTaskError, isCommandError } from './exit-status.js';
import { printable } from './output/index.js';

export interface Telling {
  /** Who speaks, before what this program itself has to say. */
  readonly speaker: string;
  /** Where it went wrong, before all of it: `script:2:1: `. */
  readonly place: string;
}

/**
 * What is said of an error, for people: what a server answered as `ENOENT: Method not found`, then a line
 * for each argument that does not fit; anything else as this program's own word. Never a stack.
 */
export function tellErrorOf(error: unknown, { speaker, place }: Telling): string {
  return linesOf(error, speaker)
    .map((line, at) => `${printable(at === 0 ? place + line : line)}\n`)
    .join('');
}

function linesOf(error: unknown, speaker: string): readonly string[] {
  if (error instanceof MisuseError) {
    const { spec, path } = error.found;
    const help = ['help', path].filter((word) => word !== '').join(' ');
    return [speaker + error.message, usageOf(spec, path), `Try: ${PROGRAM} ${help}`];
  }
  if (isDispatcherError(error) || error instanceof FailedTaskError) {
    return [`${errnoName(error.code)}: ${error.message}`, ...extraLines(error.extra)];
  }
  const lines = messageOf(error)
    .split('\n')
    .filter((line) => line !== '');
  if (isCommandError(error) && lines.length === 0) return [];
  return lines.map((line, at) => (at === 0 ? speaker + line : line));
}

function extraLines(extra: unknown): readonly string[] {
  if (!Array.isArray(extra) || !extra.every(isProblem)) return [];
  return extra.map(({ path, message }) => `${pathText(path)}: ${message}`);
}

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function isProblem(value: unknown): value is Problem {
  const { path, message } = (value ?? {}) as Partial<Problem>;
  return Array.isArray(path) && typeof message === 'string';
}

const pathText = (path: readonly (string | number)[]): string =>
  path.length === 0 ? 'arguments' : path.join('.');
