import { Injectable } from '@nestjs/common';
import { type MetricFamily, type MetricsSource, samplesBy } from '../metrics/index.js';
import type { PluginRow } from '../wire/index.js';
import { PluginHost } from './plugin-host.js';

const STATES: readonly PluginRow['state'][] = [
  'loaded',
  'failed',
  'skipped',
  'unloaded',
  'disabled',
];

/** How many plugins there are in each state. */
@Injectable()
export class PluginMetrics implements MetricsSource {
  constructor(private readonly plugins: PluginHost) {}

  collect(): MetricFamily[] {
    const rows = this.plugins.list();
    const counts = STATES.map((state): [string, number] => [
      state,
      rows.filter((row) => row.state === state).length,
    ]);
    return [
      {
        name: 'dispatcher_plugins',
        help: 'Plugins, by state',
        type: 'gauge',
        samples: samplesBy('state', counts),
      },
    ];
  }
}
