import { SpanKind, type Tracer } from '@opentelemetry/api';
import { registeredTracer } from '../tracing/index.js';
import type { Call } from './call.js';
import { CallSpan } from './call-span.js';
import type { MethodHandler } from './method-handler.js';

const NAME = 'dispatcher';

/** Spans for calls. */
export class CallTracer {
  private constructor(private readonly tracer: Tracer) {}

  /** Null where no SDK is registered. */
  static ofRegisteredSdk(): CallTracer | null {
    const tracer = registeredTracer();
    return tracer === null ? null : new CallTracer(tracer);
  }

  /** A child of the span that is active where the call is made. */
  begin({ service, name }: MethodHandler, call: Call): CallSpan {
    const attributes = {
      'rpc.system': NAME,
      'rpc.service': service,
      'rpc.method': name,
      'dispatcher.sender.kind': call.sender.kind,
    };
    return new CallSpan(
      this.tracer.startSpan(`${service}.${name}`, { kind: SpanKind.SERVER, attributes }),
    );
  }
}
