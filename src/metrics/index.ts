/**
 * Numbers about the server for whoever watches it: the port through which parts tell what they have
 * counted, and the page that Prometheus reads. Counts nothing itself but the process; the hot path
 * knows only plain fields of its own.
 */
export {
  counter,
  gauge,
  type MetricFamily,
  type MetricsSource,
  type Sample,
  samplesBy,
} from './metrics-source.js';
export { MetricsHistory } from './metrics-history.js';
export { METRICS_FAILURE, MetricsRegistry } from './metrics-registry.js';
export { ProcessMetrics } from './process-metrics.js';
