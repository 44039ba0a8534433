import { coded } from '../../common/index.js';

/** When a hook's task runs: around a run, or when it failed. */
export type TaskHookMoment = 'before' | 'after' | 'error';

export interface TaskHook {
  /** The task that runs as a subtask, with the arguments of the other. */
  readonly task: string;
  readonly owner: string;
  /** Whether it runs for these arguments. */
  applies(args: readonly unknown[]): boolean;
}

const PATTERN = /^(?<task>.+):(?<moment>before|after|error)$/;

/** Which tasks run around others, in the order in which they were registered. */
export class TaskHookTable {
  readonly #hooks = new Map<string, TaskHook[]>();

  /** @throws RpcException EINVAL for a name that is not `task:before`, `task:after` or `task:error` */
  add(name: string, hook: TaskHook): void {
    if (!PATTERN.test(name)) throw coded('TASK_HOOK_INVALID', { hook: name });
    this.#hooks.set(name, [...(this.#hooks.get(name) ?? []), hook]);
  }

  remove(name: string, hook: TaskHook): void {
    const left = (this.#hooks.get(name) ?? []).filter((present) => present !== hook);
    if (left.length === 0) this.#hooks.delete(name);
    else this.#hooks.set(name, left);
  }

  of(task: string, moment: TaskHookMoment): readonly TaskHook[] {
    return this.#hooks.get(`${task}:${moment}`) ?? NONE;
  }

  /** The tasks that run then, around one with these arguments. @throws what a condition throws */
  *tasksOf(task: string, moment: TaskHookMoment, args: readonly unknown[]): Iterable<string> {
    for (const hook of this.of(task, moment)) if (hook.applies(args)) yield hook.task;
  }
}

const NONE: readonly TaskHook[] = [];
