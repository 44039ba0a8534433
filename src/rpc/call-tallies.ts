import type { MetricFamily, MetricsSource, Sample } from '../metrics/index.js';
import type { MethodHandler } from './method-handler.js';
import { LATENCY_BOUNDS, MethodTally } from './method-tally.js';

/** Methods with numbers of their own; plugins that come and go bring ever new ones. */
const MAX_METHODS = 1_000;
const OTHERS = 'others';

/**
 * How often each method was called, how that came out and how long it took. There are numbers only
 * for methods that exist: what a client makes up is counted in one place.
 */
export class CallTallies implements MetricsSource {
  readonly #tallies = new Map<string, MethodTally>();
  /** Calls that reached no method, by the name of the error's number. */
  readonly #refused = new Map<string, number>();

  constructor(private readonly maxMethods = MAX_METHODS) {}

  /** Of a service in another process only that knows its methods: they count as one. */
  of({ service, name, isForwarded }: MethodHandler): MethodTally {
    const method = isForwarded === true ? `${service}.*` : `${service}.${name}`;
    return this.#tallies.get(method) ?? this.#add(method);
  }

  refuse(error: string): void {
    this.#refused.set(error, (this.#refused.get(error) ?? 0) + 1);
  }

  collect(): MetricFamily[] {
    const tallies = [...this.#tallies.values()];
    return [
      {
        name: 'dispatcher_calls_total',
        help: 'Calls that reached a method',
        type: 'counter',
        samples: tallies.map(({ method, begun }) => ({ labels: { method }, value: begun })),
      },
      {
        name: 'dispatcher_call_errors_total',
        help: 'Calls of a method that ended with an error, by the name of its number',
        type: 'counter',
        samples: tallies.flatMap(errorsOf),
      },
      {
        name: 'dispatcher_call_duration_seconds',
        help: 'Time from the call of a method to its answer; of a stream, to its beginning',
        type: 'histogram',
        bounds: LATENCY_BOUNDS,
        samples: tallies.map(({ method, buckets, durationMs }) => ({
          labels: { method },
          counts: buckets,
          sum: durationMs / 1_000,
        })),
      },
      {
        name: 'dispatcher_calls_running',
        help: 'Calls that have not been answered',
        type: 'gauge',
        samples: [{ value: tallies.reduce((sum, { running }) => sum + running, 0) }],
      },
      {
        name: 'dispatcher_calls_refused_total',
        help: 'Calls that reached no method, by the name of the error',
        type: 'counter',
        samples: Array.from(this.#refused, ([error, value]) => ({ labels: { error }, value })),
      },
    ];
  }

  #add(method: string): MethodTally {
    const key = this.#tallies.size < this.maxMethods ? method : OTHERS;
    const tally = this.#tallies.get(key) ?? new MethodTally(key);
    this.#tallies.set(key, tally);
    return tally;
  }
}

function errorsOf({ method, errors }: MethodTally): Sample[] {
  return Array.from(errors, ([error, value]) => ({ labels: { method, error }, value }));
}
