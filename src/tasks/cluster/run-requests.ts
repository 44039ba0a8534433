import type { ProgressReport, SubtaskRequest, TaskWarning } from '../../sdk/index.js';
import type { ActiveTask, TaskServices } from '../engine/active-task.js';
import type { TaskEngine } from '../engine/task-engine.js';
import type { ContextMethod } from './node-messages.js';

/** A running task that asks, with what serves it. */
export interface Asking {
  readonly engine: TaskEngine;
  readonly task: ActiveTask;
  readonly services: TaskServices;
  /** Of this request among those of the run. */
  readonly call: string;
}

/** What a task that runs at a node may ask of the leader. The arguments are a node's word: as good as code here. */
export const RUN_REQUESTS: Readonly<
  Record<ContextMethod, (asking: Asking, ...args: never[]) => unknown>
> = {
  report({ services, task }, progress: ProgressReport) {
    services.report(task, progress);
  },
  warn({ services, task }, warning: TaskWarning) {
    services.warn(task, warning);
  },
  output({ task }, text: string) {
    task.run?.output.add(text);
  },
  startSubtask: ({ services, task, call }, request: SubtaskRequest) =>
    services.startSubtask(task, request, call),
  joinSubtask: ({ services, task }, id: number) => services.joinSubtask(task, id),
  abortSubtask: ({ services, task }, id: number) => services.abortSubtask(task, id),
  verifySubtask: ({ engine, task }, name: string, args: readonly unknown[]) =>
    engine.verifyFor(task, name, args),
};
