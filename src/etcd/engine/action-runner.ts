import { type BigIntStats, constants as fsConstants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { kill } from 'node:process';
import { messageOf } from '../../common/index.js';
import { type CommandExit, runBounded } from '../commit/index.js';
import type { Action, ActionReport, DispatcherLink } from '../model/index.js';

export interface ActionBounds {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

type Result = Pick<ActionReport, 'outcome' | 'code' | 'output'>;

const NOT_RUNNING: Result = { outcome: 'not-running' };
/** Units' names as systemd has them; none of them is an option. */
const UNIT = /^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/;
const MAX_PIDFILE_BYTES = 64;
const READ = fsConstants.O_RDONLY | fsConstants.O_NONBLOCK | fsConstants.O_NOCTTY;

/** Runs what has to happen after files have changed, one at a time and never longer than its limit. */
export class ActionRunner {
  constructor(
    private readonly link: DispatcherLink,
    private readonly bounds: ActionBounds,
  ) {}

  /** Never throws: what went wrong is the outcome. */
  async run(action: Action): Promise<ActionReport> {
    try {
      return { action, ...(await this.#result(action)) };
    } catch (error) {
      return { action, outcome: 'failed', output: messageOf(error) };
    }
  }

  #result(action: Action): Promise<Result> {
    if ('unit' in action) return this.#unit(action);
    if ('signal' in action) return signalProcess(action);
    if ('command' in action) return this.#command(action.command);
    return this.#call(action.call);
  }

  async #command(argv: readonly string[]): Promise<Result> {
    return resultOf(await runBounded(argv, this.bounds), argv[0] ?? '');
  }

  /** A unit that does not run reads its files when it starts. */
  async #unit({ unit, action }: Extract<Action, { readonly unit: string }>): Promise<Result> {
    if (!UNIT.test(unit)) return { outcome: 'failed', output: `${unit} is no name of a unit` };
    const state = await runBounded(['systemctl', 'is-active', '--quiet', unit], this.bounds);
    if (state.kind === 'timed-out') return resultOf(state, 'systemctl');
    if (state.kind === 'not-started' || state.code !== 0) return NOT_RUNNING;
    return this.#command(['systemctl', action, unit]);
  }

  async #call([method, ...args]: Extract<
    Action,
    { readonly call: unknown }
  >['call']): Promise<Result> {
    const { timeoutMs } = this.bounds;
    const limit = AbortSignal.timeout(timeoutMs);
    const timedOut = new Promise<Result>((resolve) => {
      limit.addEventListener('abort', () => {
        resolve({ outcome: 'timed_out', output: `${method} took longer than ${timeoutMs} ms` });
      });
    });
    const called = this.link.call(method, args, limit).then(
      (): Result => ({ outcome: 'done' }),
      (error: unknown): Result => ({ outcome: 'failed', output: messageOf(error) }),
    );
    return Promise.race([called, timedOut]);
  }
}

function resultOf(exit: CommandExit, program: string): Result {
  if (exit.kind === 'not-started') {
    return { outcome: 'failed', output: `${program} cannot be started (${exit.code})` };
  }
  const printed = exit.output === '' ? {} : { output: exit.output };
  if (exit.kind === 'timed-out') return { outcome: 'timed_out', ...printed };
  const code = exit.code === null ? {} : { code: exit.code };
  return { outcome: exit.code === 0 ? 'done' : 'failed', ...code, ...printed };
}

async function signalProcess({
  signal,
  pidfile,
}: Extract<Action, { readonly signal: string }>): Promise<Result> {
  if (!(signal in constants.signals)) {
    return { outcome: 'failed', output: `${signal} is no signal` };
  }
  const file = await readPidfile(pidfile);
  if (file === null) return NOT_RUNNING;
  const { pid, owner } = file;
  if (!Number.isSafeInteger(pid) || pid <= 1) {
    return { outcome: 'failed', output: `${pidfile} holds no number of a process` };
  }
  const process = await stat(`/proc/${pid}`, { bigint: true }).catch(() => null);
  if (process === null) return NOT_RUNNING;
  // whoever may write the file must not choose whom root signals
  if (owner !== 0n && owner !== process.uid) {
    const output = `${pidfile} belongs to user ${owner}, process ${pid} to user ${process.uid}`;
    return { outcome: 'failed', output };
  }
  kill(pid, signal);
  return { outcome: 'done' };
}

async function readPidfile(
  path: string,
): Promise<{ readonly pid: number; readonly owner: bigint } | null> {
  const handle = await open(path, READ).catch(() => null);
  if (handle === null) return null;
  try {
    const stats: BigIntStats = await handle.stat({ bigint: true });
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(MAX_PIDFILE_BYTES),
      0,
      MAX_PIDFILE_BYTES,
      0,
    );
    const text = buffer.toString('latin1', 0, bytesRead).trim();
    return { pid: /^\d+$/.test(text) ? Number(text) : Number.NaN, owner: stats.uid };
  } finally {
    await handle.close();
  }
}

/** The same for the same action, however it was written. */
export function actionKey(action: Action): string {
  return JSON.stringify(action, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** In a few words, for rows and log lines. */
export function actionText(action: Action): string {
  if ('unit' in action) return `${action.action} ${action.unit}`;
  if ('signal' in action) return `${action.signal} to ${action.pidfile}`;
  if ('command' in action) return action.command.join(' ');
  return `call ${action.call[0]}`;
}
