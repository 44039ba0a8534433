/** What a number of a family belongs to. Values come from closed or capped sets, never from clients. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

interface HistogramSample {
  readonly labels?: Labels;
  /** How many values fell into each bucket alone; the last one is for those above all bounds. */
  readonly counts: ArrayLike<number>;
  readonly sum: number;
}

interface Family {
  /** As Prometheus wants it: `dispatcher_` first, the unit last, `_total` for counters. */
  readonly name: string;
  readonly help: string;
}

export interface NumberFamily extends Family {
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
}

interface HistogramFamily extends Family {
  readonly type: 'histogram';
  /** Upper ends of the buckets, ascending, in the unit of the name. */
  readonly bounds: readonly number[];
  readonly samples: readonly HistogramSample[];
}

/** All numbers of one name. */
export type MetricFamily = NumberFamily | HistogramFamily;

/**
 * A part of the server with something to count. It counts for itself, as cheaply as it can, and is
 * asked when somebody looks: no metrics library is on the way of a call.
 *
 * @example
 * class QueueMetrics implements MetricsSource {
 *   collect(): MetricFamily[] {
 *     return [gauge('dispatcher_queue_length', 'Jobs that wait', this.queue.length)];
 *   }
 * }
 */
export interface MetricsSource {
  collect(): readonly MetricFamily[];
}

/** A family of one number. */
export function gauge(name: string, help: string, value: number): NumberFamily {
  return { name, help, type: 'gauge', samples: [{ value }] };
}

/** A family of one number that only grows. */
export function counter(name: string, help: string, value: number): NumberFamily {
  return { name, help, type: 'counter', samples: [{ value }] };
}

/** The samples of a family that has one label, from how much there is of each value. */
export function samplesBy(label: string, values: Iterable<readonly [string, number]>): Sample[] {
  return Array.from(values, ([key, value]) => ({ labels: { [label]: key }, value }));
}
