/** Spans through the API of OpenTelemetry; apart from `common`, lest every process of the server load that API. */
export { endSpan } from './end-span.js';
export { registeredTracer } from './registered-tracer.js';
