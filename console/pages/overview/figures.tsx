import { useEffect, useState } from 'preact/hooks';
import type { FIGURES } from '../../../src/wire/index.js';
import { call, isReady } from '../../connection/session.js';
import { Spark } from '../../parts/spark.js';
import { momentOf } from '../../parts/time.js';
import { fetchDocument, parseMetrics } from '../../state/metrics.js';
import type { Shown } from '../../state/shown.js';

interface Sample {
  readonly atMs: number;
  readonly calls: number;
  readonly events: number;
  readonly connections: number;
  /** MiB. */
  readonly memory: number;
}

const EVERY_MS = 5_000;
/** An hour. */
const KEPT = 720;

/** What the server kept of the last hour, and from then on what it says while somebody looks. */
function useSamples(): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    call<Shown<typeof FIGURES>[]>('management.get_metrics_history', [], stop.signal).then(
      (past) => setSamples((now) => [...past.map(sampleOf), ...now]),
      () => undefined, // an older server: the charts begin now
    );
    const read = async (): Promise<void> => {
      if (document.hidden || !isReady.value) return;
      try {
        const sample = readingOf(await (await fetchDocument('/metrics', stop.signal)).text());
        setSamples((old) => [...old.slice(1 - KEPT), sample]);
      } catch {
        // the strip says that the server is gone
      }
    };
    void read();
    const timer = setInterval(() => void read(), EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, []);
  return samples;
}

function sampleOf({ at, memory, ...counts }: Shown<typeof FIGURES>): Sample {
  return { ...counts, memory: memory / 2 ** 20, atMs: momentOf(at)?.getTime() ?? 0 };
}

function readingOf(page: string): Sample {
  const figures = parseMetrics(page);
  const figure = (name: string): number => figures.get(name) ?? 0;
  return {
    atMs: Date.now(),
    calls: figure('dispatcher_calls_total'),
    events: figure('dispatcher_events_published_total'),
    connections: figure('dispatcher_connections'),
    memory: figure('process_resident_memory_bytes') / 2 ** 20,
  };
}

/** Four figures with the last hour of each. */
export function Figures() {
  const samples = useSamples();
  const rates = (key: 'calls' | 'events'): number[] =>
    samples.slice(1).map((sample, index) => {
      const before = samples[index] ?? sample;
      const seconds = Math.max(0.5, (sample.atMs - before.atMs) / 1_000);
      return Math.max(0, (sample[key] - before[key]) / seconds);
    });
  const levels = (key: 'connections' | 'memory'): number[] => samples.map((sample) => sample[key]);
  return (
    <section class="figures" aria-label="Figures of the last hour">
      <Figure label="Calls" unit="a second" series={rates('calls')} />
      <Figure label="Events" unit="a second" series={rates('events')} />
      <Figure label="Connections" unit="" series={levels('connections')} />
      <Figure label="Memory" unit="MiB" series={levels('memory')} />
    </section>
  );
}

interface FigureProps {
  readonly label: string;
  readonly unit: string;
  readonly series: readonly number[];
}

function Figure({ label, unit, series }: FigureProps) {
  const most = Math.max(...series);
  return (
    <div class="figure">
      <h2>{label}</h2>
      <p class="value">
        {textOf(series.at(-1))}
        <span class="unit">{unit}</span>
      </p>
      <Spark values={series} />
      <p class="small muted">{series.length > 1 ? `most ${textOf(most)}` : ' '}</p>
    </div>
  );
}

function textOf(value: number | undefined): string {
  if (value === undefined) return '–';
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}
