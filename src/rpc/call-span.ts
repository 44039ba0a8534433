import { context, type Span, trace } from '@opentelemetry/api';
import { endSpan } from '../tracing/index.js';

/** The span of one call. */
export class CallSpan {
  constructor(private readonly span: Span) {
    const { traceId } = span.spanContext();
    this.traceId = traceId;
  }

  readonly traceId: string;

  /** What the method does, spans of its own included, belongs to the call. */
  run<T>(work: () => T): T {
    return context.with(trace.setSpan(context.active(), this.span), work);
  }

  end(error: string | null): void {
    endSpan(this.span, error);
  }
}
