import { type Context, context, SpanKind, type Tracer } from '@opentelemetry/api';
import { registeredTracer } from '../../tracing/index.js';
import type { ActiveTask } from './active-task.js';
import { TaskSpan } from './task-span.js';

/**
 * Spans for tasks, from the grant of their locks to their end: below the call that submitted them,
 * or below the task that they are a part of. A task that a restart has taken up begins a trace.
 */
export class TaskTracer {
  constructor(private readonly tracer: Tracer) {}

  /** Null where no SDK is registered. */
  static ofRegisteredSdk(): TaskTracer | null {
    const tracer = registeredTracer();
    return tracer === null ? null : new TaskTracer(tracer);
  }

  /** Where what is submitted now belongs. */
  present(parent: ActiveTask | null): Context {
    return parent?.run?.span?.context ?? context.active();
  }

  begin({ id, row, origin, cause }: ActiveTask): TaskSpan {
    const attributes = {
      'dispatcher.task.id': id,
      'dispatcher.task.name': row.name,
      'dispatcher.cause': cause,
    };
    const options = { kind: SpanKind.INTERNAL, attributes, root: origin === null };
    const under = origin ?? context.active();
    return new TaskSpan(this.tracer.startSpan(`task ${row.name}`, options, under), under);
  }
}
