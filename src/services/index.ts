/**
 * The services that every server offers, written with the same decorators as a plugin's and found by
 * the same explorer: the list is `built-in-services.ts`, what they are made of `services.module.ts`.
 */
export { DataAnnouncer } from './data-announcer.js';
export { ClusterMetrics } from './cluster/cluster-metrics.js';
export { LockMetrics } from './lock-metrics.js';
export { SchemaAnnouncer } from './schema-announcer.js';
