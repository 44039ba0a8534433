import { Module } from '@nestjs/common';
import { MetricsHistory } from './metrics-history.js';
import { MetricsRegistry } from './metrics-registry.js';
import { ProcessMetrics } from './process-metrics.js';

/** The page of numbers; who has something to tell adds itself, or is added by the server. */
@Module({
  providers: [MetricsHistory, MetricsRegistry, ProcessMetrics],
  exports: [MetricsHistory, MetricsRegistry, ProcessMetrics],
})
export class MetricsModule {}
