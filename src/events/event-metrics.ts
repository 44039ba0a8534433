import { Injectable } from '@nestjs/common';
import { counter, type MetricFamily, type MetricsSource } from '../metrics/index.js';
import { EventRouter } from './event-router.js';

/** How many events went through the router; how many reached clients is the gateway's to tell. */
@Injectable()
export class EventMetrics implements MetricsSource {
  constructor(private readonly router: EventRouter) {}

  collect(): MetricFamily[] {
    const { published, refused } = this.router.counts;
    return [
      counter('dispatcher_events_published_total', 'Events that were taken', published),
      counter(
        'dispatcher_events_refused_total',
        'Events that did not fit the schema of their type',
        refused,
      ),
    ];
  }
}
