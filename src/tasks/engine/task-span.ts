import { type Context, context, type Span, trace } from '@opentelemetry/api';
import { errnoName } from '../../common/index.js';
import { endSpan } from '../../tracing/index.js';
import type { Ending } from './ending.js';

/** The span of one run of a task. */
export class TaskSpan {
  /** For what the task does, its subtasks and calls included. */
  readonly context: Context;

  constructor(
    private readonly span: Span,
    under: Context,
  ) {
    this.context = trace.setSpan(under, span);
  }

  run<T>(work: () => T): T {
    return context.with(this.context, work);
  }

  end(ending: Ending): void {
    this.span.setAttribute('dispatcher.task.state', ending.state);
    endSpan(this.span, ending.state === 'FAILED' ? errnoName(ending.error.code) : null);
  }
}
