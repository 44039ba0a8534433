import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** @param error - name of the error's number; null when what the span tells of went well, or was called off */
export function endSpan(span: Span, error: string | null): void {
  if (error !== null) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', error);
  }
  span.end();
}
