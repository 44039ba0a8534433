import { Injectable } from '@nestjs/common';
import { gauge, type MetricFamily, type MetricsSource } from '../metrics/index.js';
import { LockAuthority } from './lock-authority.js';

/** The locks that clients and plugins made; those of tasks are the task engine's to tell. */
@Injectable()
export class LockMetrics implements MetricsSource {
  constructor(private readonly locks: LockAuthority) {}

  collect(): MetricFamily[] {
    const { known, held, waiters } = this.locks.counts;
    return [
      gauge('dispatcher_named_locks', 'Locks that are known by name', known),
      gauge('dispatcher_named_locks_held', 'Locks that somebody holds', held),
      gauge('dispatcher_named_lock_waiters', 'Callers that wait for a lock', waiters),
    ];
  }
}
