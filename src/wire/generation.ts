/**
 * What generations of configuration files report, as it travels from etcd to those who ask for one, and
 * how people read it.
 */

import { Errno, type RpcException } from '../common/portable.js';

/** What those are told who ask for etcd of a server that none is connected to. */
export const NO_ETCD =
  'No dispatcher-etcd is connected to this server; dispatcher-etcd run starts one';

/** Whether a call of a method of etcd failed because of that. */
export function isEtcdMissing({ code, message }: Pick<RpcException, 'code' | 'message'>): boolean {
  return code === Errno.ENOENT && /^(Service|Method) (etcd\.\S+ )?not found/.test(message);
}

/** How far a file came that failed. */
export type Stage = 'load' | 'render' | 'validate' | 'commit' | 'action';

/** Why a file failed, as reports and rows say it. The message has passed the redactor. */
export interface FileError {
  readonly stage: Stage;
  readonly message: string;
  /** errno, where the system gave one. */
  readonly code?: number;
  readonly template?: string;
  readonly line?: number;
  readonly column?: number;
  /** The last of what a validator or an action printed, redacted. */
  readonly output?: string;
}

/** What to do when a file has changed; programs are named by plugins, never by data. */
export type Action =
  | {
      readonly unit: string;
      readonly action: 'reload' | 'restart' | 'reload-or-restart' | 'try-restart';
    }
  | { readonly signal: string; readonly pidfile: string }
  | { readonly command: readonly string[] }
  /** A method of the dispatcher with its arguments. */
  | { readonly call: readonly [method: string, ...args: readonly unknown[]] };

/** How a file on the disk is not as it was written. */
export type DriftKind = 'edited' | 'missing' | 'attributes' | 'symlink' | 'type';

export interface DriftRow {
  readonly name: string;
  readonly path: string;
  readonly kind: DriftKind;
}

/** Files and groups by name; neither: all. */
export interface Selection {
  readonly names?: readonly string[];
  readonly groups?: readonly string[];
}

/** Why there was a generation. */
export type GenerationReason = 'boot' | 'call' | 'event' | 'drift' | `task:${number}`;

export type Outcome =
  | 'created'
  | 'changed'
  | 'unchanged'
  | 'removed'
  | 'failed'
  | 'skipped'
  | 'rolled_back'
  | 'disabled';

/** What is other than before. */
export type Change = 'contents' | 'mode' | 'owner' | 'group';

/** What became of one file, as it travels. */
export interface FileReport {
  readonly name: string;
  readonly path: string;
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  readonly error?: FileError;
  /** Unified, of plans only; none of sensitive files. */
  readonly diff?: string;
}

type ActionOutcome =
  | 'done'
  | 'failed'
  | 'timed_out'
  | 'not-running'
  /** Only told, as the configuration wants it. */
  | 'logged'
  /** Of a plan: it would run. */
  | 'planned'
  | 'off';

export interface ActionReport {
  readonly action: Action;
  readonly outcome: ActionOutcome;
  /** Exit status of a program. */
  readonly code?: number;
  /** The last of what it printed, redacted. */
  readonly output?: string;
}

/** What a generation did, as it travels. */
export interface GenerationReport {
  readonly id: string;
  readonly reason: GenerationReason;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly files: readonly FileReport[];
  readonly actions: readonly ActionReport[];
}

/** How many files of a report had which outcome; outcomes that none had are left out. */
export function countsOf({
  files,
}: Pick<GenerationReport, 'files'>): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of files) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

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

/** Whether generating would leave everything as it is. */
export function isSameAsBefore({ files }: GenerationReport): boolean {
  return files.every(({ outcome }) => outcome === 'unchanged' || outcome === 'disabled');
}

/** What people name: files, and `group:NAME`; nothing: all. */
export function selectionOf(words: readonly string[]): Selection | null {
  if (words.length === 0) return null;
  const groups = words
    .filter((word) => word.startsWith(GROUP))
    .map((word) => word.slice(GROUP.length));
  const names = words.filter((word) => !word.startsWith(GROUP));
  return { ...(names.length > 0 && { names }), ...(groups.length > 0 && { groups }) };
}

const GROUP = 'group:';
