import { readdirSync } from 'node:fs';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { gauge, type MetricFamily, type MetricsSource, samplesBy } from './metrics-source.js';

const RESOLUTION_MS = 20;
const QUANTILES = [50, 90, 99] as const;

/**
 * The process and its event loop, under the names that every dashboard for Node.js knows. Not the
 * library's own collection of them: that one cannot be taken away again.
 */
export class ProcessMetrics implements MetricsSource {
  readonly #startedAt = Date.now() / 1_000 - process.uptime();
  #delay: IntervalHistogram | null = null;

  /** Begins to watch the event loop: a timer that wakes the process, so only where somebody may look. */
  start(): void {
    this.#delay ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
  }

  stop(): void {
    this.#delay?.disable();
    this.#delay = null;
  }

  collect(): MetricFamily[] {
    const memory = process.memoryUsage();
    const cpu = process.cpuUsage();
    return [
      {
        name: 'process_cpu_seconds_total',
        help: 'CPU time of the process, by mode',
        type: 'counter',
        samples: samplesBy('mode', [
          ['user', cpu.user / 1e6],
          ['system', cpu.system / 1e6],
        ]),
      },
      gauge('process_start_time_seconds', 'When the process began, since 1970', this.#startedAt),
      gauge('process_resident_memory_bytes', 'Resident memory', memory.rss),
      gauge('nodejs_heap_size_total_bytes', 'Heap that is reserved', memory.heapTotal),
      gauge('nodejs_heap_size_used_bytes', 'Heap that is used', memory.heapUsed),
      gauge('nodejs_external_memory_bytes', 'Memory outside of the heap', memory.external),
      ...openFiles(),
      ...this.#eventLoop(),
    ];
  }

  #eventLoop(): MetricFamily[] {
    const delay = this.#delay;
    if (delay === null) return [];
    const quantiles = QUANTILES.map((quantile): [string, number] => [
      String(quantile / 100),
      lateBy(delay.percentile(quantile)),
    ]);
    const families: MetricFamily[] = [
      {
        name: 'nodejs_eventloop_lag_seconds',
        help: 'How late the event loop was since the last look, by quantile',
        type: 'gauge',
        samples: samplesBy('quantile', quantiles),
      },
      gauge(
        'nodejs_eventloop_lag_max_seconds',
        'The latest that the event loop was since the last look',
        lateBy(delay.max),
      ),
    ];
    delay.reset();
    return families;
  }
}

/** The histogram holds the whole time between two looks, in nanoseconds. */
function lateBy(nanoseconds: number): number {
  return (
    Math.max(0, (Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : 0) - RESOLUTION_MS) / 1_000
  );
}

function openFiles(): MetricFamily[] {
  try {
    const open = readdirSync('/proc/self/fd').length;
    return [gauge('process_open_fds', 'Open files and sockets', open)];
  } catch {
    return []; // not every system has that folder
  }
}
