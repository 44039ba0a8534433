import type { Verdict, Verifier } from '../engine/verifier.js';
import type {
  OpenSessionOptions,
  TaskAssignment,
  TaskExecutor,
  TaskSession,
} from '../executors/executor.js';
import type { TaskHandler } from '../task-handler.js';
import type { ExecutorSite, VerifyRequest } from './executor-site.js';

/** The executors of this server, by what the class of a task asks for. */
export interface Executors {
  readonly inline: TaskExecutor;
  readonly isolated: TaskExecutor;
}

/** A server that is alone. What ran when it ended does not run any more. */
export class LocalSite implements ExecutorSite {
  constructor(
    private readonly executors: Executors,
    private readonly verifier: Verifier,
  ) {}

  place(): null {
    return null;
  }

  verify({ handler, args, context }: VerifyRequest): Promise<Verdict> {
    return this.verifier.verify(handler, args, context);
  }

  open(_node: null, assignment: TaskAssignment, options: OpenSessionOptions): Promise<TaskSession> {
    return executorFor(assignment.handler, this.executors).open(assignment, options);
  }

  obstacle(_node: null, handler: TaskHandler): string | null {
    return executorFor(handler, this.executors).obstacle;
  }

  ongoing(): null {
    return null;
  }

  ended(): void {
    // nobody else knows of its runs
  }
}

export function executorFor({ options }: TaskHandler, executors: Executors): TaskExecutor {
  return executors[options.executor ?? 'isolated'];
}
