/** Spans through the API of OpenTelemetry; apart from `common`, lest every process of the server load that API. */
export { endSpan, registeredTracer } from './spans.js';
