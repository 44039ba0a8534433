import { Module } from '@nestjs/common';
import { MetricsRegistry } from './metrics-registry.js';
import { ProcessMetrics } from './process-metrics.js';

/** The page of numbers; who has something to tell adds itself, or is added by the server. */
@Module({
  providers: [MetricsRegistry, ProcessMetrics],
  exports: [MetricsRegistry, ProcessMetrics],
})
export class MetricsModule {}
