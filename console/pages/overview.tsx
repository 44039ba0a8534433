import { useEffect, useState } from 'preact/hooks';
import type { CONNECTED_CLIENT, PLUGIN_ROW, STATUS } from '../../src/wire/index.js';
import { call, isReady, subscribe } from '../connection/session.js';
import { Icon } from '../parts/icon.js';
import { useLoaded } from '../parts/resource.js';
import { Spark } from '../parts/spark.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { durationOf } from '../parts/time.js';
import { fetchDocument, parseMetrics } from '../state/metrics.js';
import type { Shown } from '../state/shown.js';

type PluginRow = Shown<typeof PLUGIN_ROW>;
type Client = Shown<typeof CONNECTED_CLIENT>;

const EVERY_MS = 2_000;
const KEPT = 60;

export function Overview() {
  return (
    <div class="page">
      <div class="content">
        <Health />
        <Figures />
        <Plugins />
        <Clients />
      </div>
    </div>
  );
}

interface Health {
  readonly status: string;
  readonly reasons: readonly string[];
}

function Health() {
  const status = useLoaded(async (stop) => {
    const [{ 'started-at': startedAt }, health, plugins] = await Promise.all([
      call<Shown<typeof STATUS>>('management.status', [], stop),
      fetchDocument('/healthz', stop).then((answer) => answer.json() as Promise<Health>),
      call<PluginRow[]>('management.get_plugins', [], stop),
    ]);
    return { startedAt, health, failed: plugins.filter(({ state }) => state === 'failed').length };
  }, []);
  useEffect(() => subscribe(['server.plugin.*'], () => status.reload()), []);
  const { value } = status;
  const isWell = value?.health.status === 'ok' && value.failed === 0;
  return (
    <PageHead
      title="Overview"
      lead={value === null ? '' : `up ${durationOf(Date.now() / 1_000 - value.startedAt)}`}
    >
      {value !== null && (
        <span class={`tag ${isWell ? 'good' : 'bad'}`} role="status">
          <i class={`dot ${isWell ? '' : 'bad'}`} />{' '}
          {isWell ? 'healthy' : troublesOf(value).join(', ')}
        </span>
      )}
    </PageHead>
  );
}

function troublesOf({ health, failed }: { health: Health; failed: number }): string[] {
  const own = health.status === 'ok' ? [] : [health.reasons.join(', ') || health.status];
  if (failed === 0) return own;
  return [...own, `${failed} ${failed === 1 ? 'plugin has' : 'plugins have'} failed`];
}

interface Sample {
  readonly atMs: number;
  readonly calls: number;
  readonly events: number;
  readonly connections: number;
  readonly memory: number;
}

/** Reads the figures while somebody looks. */
function useSamples(): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    const read = async (): Promise<void> => {
      if (document.hidden || !isReady.value) return;
      try {
        const figures = parseMetrics(await (await fetchDocument('/metrics')).text());
        const figure = (name: string): number => figures.get(name) ?? 0;
        const sample = {
          atMs: performance.now(),
          calls: figure('dispatcher_calls_total'),
          events: figure('dispatcher_events_published_total'),
          connections: figure('dispatcher_connections'),
          memory: figure('process_resident_memory_bytes') / 2 ** 20,
        };
        setSamples((old) => [...old.slice(-KEPT), sample]);
      } catch {
        // the strip says that the server is gone
      }
    };
    void read();
    const timer = setInterval(() => void read(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return samples;
}

function Figures() {
  const samples = useSamples();
  const last = samples.at(-1);
  const rates = (key: 'calls' | 'events'): number[] =>
    samples.slice(1).map((sample, index) => {
      const before = samples[index] ?? sample;
      return Math.max(0, ((sample[key] - before[key]) / (sample.atMs - before.atMs)) * 1_000);
    });
  const levels = (key: 'connections' | 'memory'): number[] => samples.map((sample) => sample[key]);
  return (
    <section class="figures" aria-label="Figures">
      <Figure label="Calls" unit="a second" value={rates('calls').at(-1)} series={rates('calls')} />
      <Figure
        label="Events"
        unit="a second"
        value={rates('events').at(-1)}
        series={rates('events')}
      />
      <Figure
        label="Connections"
        unit=""
        value={last?.connections}
        series={levels('connections')}
      />
      <Figure label="Memory" unit="MiB" value={last?.memory} series={levels('memory')} />
    </section>
  );
}

interface FigureProps {
  readonly label: string;
  readonly unit: string;
  readonly value: number | undefined;
  readonly series: readonly number[];
}

function Figure({ label, unit, value, series }: FigureProps) {
  const text =
    value === undefined
      ? '–'
      : value >= 10 || Number.isInteger(value)
        ? String(Math.round(value))
        : value.toFixed(1);
  return (
    <div class="figure">
      <h3>{label}</h3>
      <p class="value">
        {text}
        <span class="unit">{unit}</span>
      </p>
      <Spark values={series} />
    </div>
  );
}

const ORDER = { failed: 0, skipped: 1, unloaded: 2, disabled: 3, loaded: 4 } as const;
const TONE = {
  failed: 'bad',
  skipped: 'warn',
  unloaded: '',
  disabled: '',
  loaded: 'good',
} as const;

/** One that works on older code than its files have wants attention, too. */
function toneOf({ state, error }: PluginRow): string {
  return state === 'loaded' && error !== undefined ? 'warn' : TONE[state];
}

function Plugins() {
  const plugins = useLoaded((stop) => call<PluginRow[]>('management.get_plugins', [], stop), []);
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  useEffect(() => subscribe(['server.plugin.*'], () => plugins.reload()), []);
  const reload = async (name: string | null): Promise<void> => {
    setBusy(name ?? '');
    setFailure(null);
    try {
      await call('management.reload_plugins', name === null ? [] : [[name]]);
    } catch (error) {
      setFailure(error as Error);
    }
    setBusy(null);
    plugins.reload();
  };
  const rows = [...(plugins.value ?? [])].sort(
    (a, b) => ORDER[a.state] - ORDER[b.state] || (a.name < b.name ? -1 : 1),
  );
  return (
    <section class="panel" aria-labelledby="plugins-title">
      <header>
        <h2 id="plugins-title">Plugins</h2>
        <span class="muted">{rows.length}</span>
        <button
          type="button"
          class="button small end"
          disabled={busy !== null || !isReady.value}
          onClick={() => void reload(null)}
        >
          <Icon name="reload" size={14} /> Reload all
        </button>
      </header>
      {failure !== null && <Failure error={failure} />}
      {plugins.error !== null && <Failure error={plugins.error} onRetry={plugins.reload} />}
      {plugins.value === null && plugins.error === null && <Bones lines={4} />}
      {plugins.value?.length === 0 && (
        <Empty>
          <p>No plugin was found. Name a folder in the configuration's plugin-dirs.</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col" class="hide-narrow">
                Needs
              </th>
              <th scope="col" class="hide-narrow">
                Folder
              </th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <td class="mono">{row.name}</td>
                <td>
                  <span class={`tag ${toneOf(row)}`}>{row.state}</span>
                  {row.error !== undefined && (
                    <div class="small">
                      {row.stage !== undefined && <span class="muted">{row.stage}: </span>}
                      {row.error}
                    </div>
                  )}
                </td>
                <td class="hide-narrow">{row.depends.join(', ')}</td>
                <td class="mono small muted hide-narrow">{row.directory}</td>
                <td class="number">
                  <button
                    type="button"
                    class="button quiet small"
                    disabled={busy !== null || !isReady.value}
                    aria-label={`Reload ${row.name}`}
                    onClick={() => void reload(row.name)}
                  >
                    <Icon name="reload" size={14} /> {busy === row.name ? 'Reloading…' : 'Reload'}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** `127.0.0.1 port 34914`, `unix socket`. */
function addressText(address: string): string {
  const [host = '', port = ''] = address.split(',');
  return host === 'unix' ? 'unix socket' : `${host} port ${port}`;
}

function Clients() {
  const clients = useLoaded(
    (stop) => call<Client[]>('management.get_connected_clients', [], stop),
    [],
  );
  const MASKS = ['server.client_*', 'server.service_*'];
  useEffect(() => subscribe(MASKS, () => clients.reload()), []);
  return (
    <section class="panel" aria-labelledby="clients-title">
      <header>
        <h2 id="clients-title">Clients</h2>
        <span class="muted">{clients.value?.length ?? ''}</span>
      </header>
      {clients.error !== null && <Failure error={clients.error} onRetry={clients.reload} />}
      {clients.value === null && clients.error === null && <Bones lines={3} />}
      {clients.value !== null && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">User</th>
              <th scope="col">Address</th>
              <th scope="col">What it is</th>
              <th scope="col" class="number hide-narrow">
                Session
              </th>
            </tr>
          </thead>
          <tbody>
            {clients.value.slice(0, 200).map((client, index) => (
              <tr key={index}>
                <td>{client.user ?? <span class="muted">not logged in</span>}</td>
                <td class="mono">{addressText(client.address)}</td>
                <td>{client.resource ?? <span class="muted">–</span>}</td>
                <td class="number hide-narrow">{client.session_id ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
