import type { Type } from '@nestjs/common';
import type { Claims, Task } from '../sdk/index.js';
import { BenchRun, claimsOf } from './bench-run.js';
import { TaskBench } from './task-bench.js';
import type { TaskReport } from './task-report.js';
import type { TaskRunOptions } from './task-run-options.js';

/** A task that was started. */
export interface TaskRun {
  /** As `task.abort` does: fires the signal, calls `abort()`. False when the task has ended. */
  abort(): boolean;
  /** What became of the task. Rejects only for arguments that do not fit, as a submit does. */
  readonly report: Promise<TaskReport>;
}

/**
 * Takes a task through its life as the server does, in this process and without a server: arguments
 * against `@accepts`, `verify`, `describe`, `run`, then `rollback` if that failed, the result against
 * `@returns`. Locks are not taken: what would have to wait is for {@link expectConflict} to say.
 *
 * @returns the report, also of a task that failed
 * @throws (rejects with) RpcException EINVAL, with every error in `extra`, for arguments that do not
 *   fit: the server refuses them before there is a task; Error for a class without `@task`
 * @example
 * const report = await runTask(CreateUserTask, [{ username: 'jdoe' }], { providers: [UserFile] });
 * expect(report).toMatchObject({ state: 'FINISHED', claims: ['system'], result: 1000 });
 */
export async function runTask(
  type: Type<Task>,
  args: readonly unknown[],
  options: TaskRunOptions = {},
): Promise<TaskReport> {
  const run = await startTask(type, args, options);
  return run.report;
}

/**
 * As {@link runTask}, for a test that does something while the task runs.
 *
 * @throws (rejects with) what {@link runTask} rejects with
 * @example
 * const run = await startTask(WatchTask, ['/srv']);
 * await appendFile('/srv/log', 'news');
 * run.abort();
 * expect(await run.report).toMatchObject({ state: 'ABORTED', wasRolledBack: true });
 */
export async function startTask(
  type: Type<Task>,
  args: readonly unknown[],
  options: TaskRunOptions = {},
): Promise<TaskRun> {
  const bench = await TaskBench.open(options);
  const run = new BenchRun(bench, { type, args });
  const report = run.report.finally(() => bench.close());
  report.catch(() => undefined);
  await run.accepted;
  return { abort: () => run.abort(), report };
}

/**
 * What a task claims for these arguments.
 *
 * @throws (rejects with) whatever `verify` throws; RpcException EINVAL for arguments that do not fit
 *   and for a `verify` that returns no claims
 * @example
 * expect(await verifyTask(CreatePoolTask, ['tank', ['/dev/da0']])).toEqual(['disk:/dev/da0']);
 */
export async function verifyTask(
  type: Type<Task>,
  args: readonly unknown[],
  options: TaskRunOptions = {},
): Promise<Claims> {
  const bench = await TaskBench.open(options);
  try {
    return await claimsOf(bench, { type, args });
  } finally {
    await bench.close();
  }
}
