import { Inject, Injectable } from '@nestjs/common';
import type { Labels, MetricFamily, MetricsSource } from './metrics-source.js';

/** Of one family. What counts may grow with plugins and methods, but not for ever. */
const MAX_SERIES = 5_000;

interface Value {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

/** Injection token of what is told of a source that failed. */
export const METRICS_FAILURE = Symbol('failure of a source of metrics');

/**
 * Everything that counts in the server, and the page that Prometheus reads. A source that fails is
 * missing from the page and does not take the others with it.
 */
@Injectable()
export class MetricsRegistry {
  readonly #sources = new Set<MetricsSource>();

  constructor(@Inject(METRICS_FAILURE) private readonly onFailure: (error: unknown) => void) {}

  /** Returns what takes the source away. */
  add(source: MetricsSource): () => void {
    this.#sources.add(source);
    return () => void this.#sources.delete(source);
  }

  /** The page in Prometheus' text format, with the content type that belongs to it. */
  async page(): Promise<{ readonly text: string; readonly contentType: string }> {
    // only who is asked for a page needs the library
    const { Registry } = await import('prom-client');
    const registry = new Registry();
    for (const family of this.#families()) {
      // The library counts by itself or not at all, but takes from anything that has a `get` what it
      // takes from its own: that is how it adds up the processes of a cluster
      const metric = { name: family.name, get: () => Promise.resolve(valuesOf(family)) };
      registry.registerMetric(metric as never);
    }
    return { text: await registry.metrics(), contentType: registry.contentType };
  }

  /** Of each named counter or gauge the sum over its labels; what there is not is missing. */
  sumsOf(names: readonly string[]): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const family of this.#families()) {
      if (family.type === 'histogram' || !names.includes(family.name)) continue;
      sums.set(
        family.name,
        family.samples.reduce((sum, { value }) => sum + value, 0),
      );
    }
    return sums;
  }

  #families(): readonly MetricFamily[] {
    const families = new Map<string, MetricFamily>();
    for (const source of this.#sources) {
      try {
        for (const family of source.collect()) families.set(family.name, family);
      } catch (error) {
        this.onFailure(error);
      }
    }
    return [...families.values()];
  }
}

function valuesOf(family: MetricFamily): object {
  const { name, help, type } = family;
  const values = family.type === 'histogram' ? bucketsOf(family) : numbersOf(family);
  return { name, help, type, values, aggregator: 'sum' };
}

function numbersOf({ samples }: MetricFamily & { type: 'counter' | 'gauge' }): Value[] {
  return samples.slice(0, MAX_SERIES).map(({ labels = {}, value }) => ({ labels, value }));
}

/** Prometheus wants each bucket with all that are below it. */
function bucketsOf({
  name,
  bounds,
  samples,
}: MetricFamily & { readonly type: 'histogram' }): Value[] {
  return samples.slice(0, MAX_SERIES).flatMap(({ labels = {}, counts, sum }) => {
    let count = 0;
    const buckets = [...bounds, Infinity].map((bound, index) => {
      count += counts[index] ?? 0;
      const le = bound === Infinity ? '+Inf' : String(bound);
      return { labels: { ...labels, le }, value: count, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  });
}
