import { useEffect } from 'preact/hooks';
import type { ABOUT, PLUGIN_ROW } from '../../src/wire/index.js';
import { call, subscribe } from '../connection/session.js';
import { Gated } from '../parts/gated.js';
import { useLoaded } from '../parts/resource.js';
import { PageHead } from '../parts/states.js';
import { durationOf } from '../parts/time.js';
import { about } from '../state/about.js';
import { may } from '../state/rights.js';
import { linkTo } from '../state/router.js';
import { fetchDocument } from '../state/metrics.js';
import type { Shown } from '../state/shown.js';
import { Figures } from './overview/figures.js';
import { Recent } from './overview/recent.js';
import { ActiveTasks } from './overview/active-tasks.js';

type Plugin = Shown<typeof PLUGIN_ROW>;
type About = Shown<typeof ABOUT>;

interface Health {
  readonly status: string;
  readonly reasons: readonly string[];
}

/** Which server this is, how it does, and what goes on. */
export function Overview() {
  const state = useLoaded(async (stop) => {
    const [health, plugins] = await Promise.all([
      fetchDocument('/healthz', stop).then((answer) => answer.json() as Promise<Health>),
      may('management.get_plugins') ? call<Plugin[]>('management.get_plugins', [], stop) : [],
    ]);
    return { health, troubled: plugins.filter(isTroubled) };
  }, []);
  useEffect(() => subscribe(['server.plugin.*'], () => state.reload()), []);
  const { value } = state;
  const troubles = value === null ? [] : troublesOf(value.health, value.troubled);
  return (
    <div class="page">
      <div class="content">
        <PageHead title={about.value?.host ?? 'Overview'} lead={leadOf(about.value)}>
          {value !== null && (
            <span class={`tag ${troubles.length === 0 ? 'good' : 'bad'}`} role="status">
              <i class={`dot ${troubles.length === 0 ? '' : 'bad'}`} />{' '}
              {troubles.length === 0 ? 'healthy' : troubles.join(', ')}
            </span>
          )}
        </PageHead>
        {about.value !== null && <Server about={about.value} />}
        <Gated method="management.get_metrics_history" what="The figures of the server">
          <Figures />
        </Gated>
        {(value?.troubled.length ?? 0) > 0 && <Troubled plugins={value?.troubled ?? []} />}
        <div class="pair">
          <ActiveTasks />
          <Recent />
        </div>
      </div>
    </div>
  );
}

const isTroubled = ({ state, error, settings }: Plugin): boolean =>
  state === 'failed' || error !== undefined || settings !== undefined;

function leadOf(server: About | null): string {
  if (server === null) return '';
  const up = durationOf(Date.now() / 1_000 - server['started-at']);
  return `dispatcher ${server.version}, up ${up}`;
}

function troublesOf({ status, reasons }: Health, plugins: readonly Plugin[]): string[] {
  const own = status === 'ok' ? [] : [reasons.join(', ') || status];
  const failed = plugins.filter(({ state }) => state === 'failed').length;
  if (failed === 0) return own;
  return [...own, `${failed} ${failed === 1 ? 'plugin has' : 'plugins have'} failed`];
}

function Server({ about }: { readonly about: About }) {
  return (
    <p class="small muted">
      Node {about.node} · {about.platform} · process {about.pid} ·{' '}
      <span class="mono">{about.store}</span>
    </p>
  );
}

function Troubled({ plugins }: { readonly plugins: readonly Plugin[] }) {
  return (
    <section class="panel" aria-label="Plugins that want attention">
      <header>
        <h2>Plugins that want attention</h2>
        <a class="end small" href={linkTo('plugins')}>
          All plugins
        </a>
      </header>
      <table class="table">
        <tbody>
          {plugins.map(({ name, state, stage, error, settings }) => (
            <tr key={name}>
              <td class="mono">{name}</td>
              <td>
                <span class={`tag ${state === 'failed' ? 'bad' : 'warn'}`}>{state}</span>
              </td>
              <td>
                {stage !== undefined && <span class="muted">{stage}: </span>}
                {error ?? settings?.join('; ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
