import type { EtcdEventName } from '../model/index.js';

/** All events that are sent; the dispatcher is told of them under the service that sends them. */
export const EVENT_NAMES: readonly EtcdEventName[] = [
  'etcd.file_generated',
  'etcd.file_removed',
  'etcd.file_rolled_back',
  'etcd.file_failed',
  'etcd.generation_started',
  'etcd.generation_finished',
  'etcd.action_finished',
  'etcd.drift_detected',
  'etcd.plugin_error',
];
