import type { TaskHandler } from '../task-handler.js';
import type { ActiveTask } from './active-task.js';
import type { AdmissionQueue } from './admission-queue.js';
import { OutputTail } from './output-tail.js';
import type { ProgressMeter } from './progress-meter.js';
import type { TaskSpan } from './task-tracer.js';

/** What a task has from the grant of its locks on: tens of thousands may wait, and have none of it. */
export class TaskRun {
  readonly output = new OutputTail();
  readonly children = new Set<ActiveTask>();
  /** Made for its first report. */
  meter: ProgressMeter | null = null;
  /** Where its subtasks keep their order until they are admitted; made for the first one. */
  childQueue: AdmissionQueue | null = null;

  /** As of the present generation of its plugin; null while that is being reloaded. */
  handler: TaskHandler | null = null;

  /** @param span - null where tasks are not traced */
  constructor(readonly span: TaskSpan | null) {}
}
