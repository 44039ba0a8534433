import { Injectable } from '@nestjs/common';
import { ClusterFigures, Leadership, NodeDirectory, type NodeState } from '../../cluster/index.js';
import {
  counter,
  gauge,
  type MetricFamily,
  type MetricsSource,
  samplesBy,
} from '../../metrics/index.js';

const STATES: readonly NodeState[] = ['joining', 'live', 'draining', 'lost'];

/** How this node stands to the others. */
@Injectable()
export class ClusterMetrics implements MetricsSource {
  constructor(
    private readonly directory: NodeDirectory,
    private readonly leadership: Leadership,
    private readonly figures: ClusterFigures,
  ) {}

  collect(): MetricFamily[] {
    const { figures, leadership } = this;
    const nodes = this.directory.list();
    const ofState = (state: NodeState): number =>
      nodes.filter((node) => node.state === state).length;
    const age = figures.leaseAgeMs;
    return [
      {
        name: 'dispatcher_cluster_nodes',
        help: 'Nodes by their state',
        type: 'gauge',
        samples: samplesBy(
          'state',
          STATES.map((state) => [state, ofState(state)]),
        ),
      },
      gauge('dispatcher_cluster_leader', 'Whether this node leads', leadership.isCurrent() ? 1 : 0),
      gauge('dispatcher_cluster_term', 'The present term', leadership.leader?.term ?? 0),
      ...(age === null
        ? []
        : [
            gauge(
              'dispatcher_cluster_lease_age_seconds',
              'Since the leader renewed its lease',
              age / 1_000,
            ),
          ]),
      gauge(
        'dispatcher_cluster_event_lag',
        'Events in the stream and not here yet',
        figures.eventLag,
      ),
      gauge(
        'dispatcher_cluster_event_buffer_bytes',
        'Events that wait to be published',
        figures.bufferBytes,
      ),
      counter('dispatcher_cluster_groups_total', 'Groups of events published', figures.groups),
      counter('dispatcher_cluster_fenced_total', 'Batches refused for their term', figures.fenced),
      counter('dispatcher_cluster_epochs_total', 'Changes of the epoch', figures.epochs),
      {
        name: 'dispatcher_cluster_calls_total',
        help: 'Calls sent to other nodes',
        type: 'counter',
        samples: samplesBy('node', figures.calls),
      },
    ];
  }
}
