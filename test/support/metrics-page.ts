import parsePrometheusTextFormat from 'parse-prometheus-text-format';

interface ParsedMetric {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value?: string;
}

interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly metrics: readonly ParsedMetric[];
}

type Labels = Readonly<Record<string, string>>;

/** The page of numbers as somebody else's parser reads it. */
export class MetricsPage {
  readonly #families: ReadonlyMap<string, ParsedFamily>;
  /** Every series under its own name, those of histograms too. */
  readonly #series: ReadonlyMap<string, ParsedFamily>;

  /** @throws Error when the parser finds no page in it */
  constructor(readonly text: string) {
    this.#families = parsed(text);
    // of a histogram the parser forgets the labels; without its type it is series like any others
    this.#series = parsed(text.replaceAll(/^# TYPE \S+ histogram\n/gm, ''));
  }

  /** Asks a debug-mode server for it. */
  static async of(debugUrl: string): Promise<MetricsPage> {
    const response = await fetch(`${debugUrl}/metrics`);
    if (response.status !== 200) throw new Error(`/metrics answers ${response.status}`);
    return new MetricsPage(await response.text());
  }

  get names(): string[] {
    return [...this.#families.keys()];
  }

  typeOf(name: string): string | undefined {
    return this.#families.get(name)?.type;
  }

  /** The values that a label has in a family. */
  values(name: string, label: string): string[] {
    return (this.#series.get(name)?.metrics ?? []).map(({ labels }) => labels?.[label] ?? '');
  }

  /** 0 when there is no such series: it begins with the first that is counted. */
  number(name: string, labels: Labels = {}): number {
    return Number(this.#matching(name, labels)[0]?.value ?? 0);
  }

  histogram(name: string, labels: Labels = {}): { count: number; sum: number; buckets: number[] } {
    return {
      count: this.number(`${name}_count`, labels),
      sum: this.number(`${name}_sum`, labels),
      buckets: this.#matching(`${name}_bucket`, labels).map(({ value }) => Number(value)),
    };
  }

  #matching(name: string, labels: Labels): readonly ParsedMetric[] {
    const wanted = Object.entries(labels);
    return (this.#series.get(name)?.metrics ?? []).filter((metric) =>
      wanted.every(([key, value]) => metric.labels?.[key] === value),
    );
  }
}

function parsed(text: string): ReadonlyMap<string, ParsedFamily> {
  const families = parsePrometheusTextFormat(text) as readonly ParsedFamily[] | undefined;
  if (families === undefined) throw new Error(`No metrics page: ${text.slice(0, 200)}`);
  const byName = new Map<string, ParsedFamily>();
  for (const { name, type, metrics } of families) {
    const before = byName.get(name)?.metrics ?? []; // series without a type come piece by piece
    byName.set(name, { name, type, metrics: [...before, ...metrics] });
  }
  return byName;
}
