import { useEffect, useState } from 'preact/hooks';
import type { PLUGIN_ROW } from '../../src/wire/index.js';
import { call, subscribe } from '../connection/session.js';
import { ActButton } from '../parts/act-button.js';
import { Confirm } from '../parts/confirm.js';
import { Gated } from '../parts/gated.js';
import { Icon } from '../parts/icon.js';
import { JsonTree } from '../parts/json-tree.js';
import { matchWords } from '../parts/match.js';
import { useLoaded } from '../parts/resource.js';
import { SearchBox } from '../parts/search-box.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { useAction } from '../parts/use-action.js';
import type { Shown } from '../state/shown.js';

type Plugin = Shown<typeof PLUGIN_ROW>;

const ORDER = { failed: 0, skipped: 1, unloaded: 2, disabled: 3, loaded: 4 } as const;
const TONE = {
  failed: 'bad',
  skipped: 'warn',
  unloaded: '',
  disabled: '',
  loaded: 'good',
} as const;

/** What the server is extended by: which code runs, which does not and why, and the switches. */
export function Plugins() {
  return (
    <div class="page">
      <div class="content">
        <Gated method="management.get_plugins" what="The list of plugins">
          <PluginList />
        </Gated>
      </div>
    </div>
  );
}

function PluginList() {
  const plugins = useLoaded((stop) => call<Plugin[]>('management.get_plugins', [], stop), []);
  useEffect(() => subscribe(['server.plugin.*'], () => plugins.reload()), []);
  const [words, setWords] = useState('');
  const [disabling, setDisabling] = useState<Plugin | null>(null);
  const { busy, error, run } = useAction(plugins.reload);
  const all = plugins.value ?? [];
  const rows = [...all]
    .filter(({ name, directory }) => words === '' || matchWords(`${name} ${directory}`, words))
    .sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));
  const reload = (names: readonly string[] | null): Promise<void> =>
    run(names?.[0] ?? 'all', () =>
      call('management.reload_plugins', names === null ? [] : [names]),
    );
  return (
    <>
      <PageHead title="Plugins" lead={plugins.value === null ? '' : String(all.length)}>
        <ActButton
          method="management.reload_plugins"
          isBusy={busy !== null}
          onClick={() => void reload(null)}
        >
          <Icon name="reload" size={14} /> Reload all
        </ActButton>
      </PageHead>
      <div class="toolbar">
        <SearchBox
          label="Filter plugins"
          placeholder="Name or folder"
          value={words}
          onChange={setWords}
        />
      </div>
      {error !== null && <Failure error={error} />}
      {plugins.error !== null && <Failure error={plugins.error} onRetry={plugins.reload} />}
      <section class="panel" aria-label="Plugins">
        {plugins.value === null && plugins.error === null && <Bones lines={4} />}
        {plugins.value?.length === 0 && (
          <Empty>
            <p>No plugin was found. Name a folder in the configuration’s plugin-dirs.</p>
          </Empty>
        )}
        {all.length > 0 && rows.length === 0 && (
          <Empty>
            <p>Nothing matches “{words}”.</p>
          </Empty>
        )}
        {rows.map((row) => (
          <PluginRow
            key={row.name}
            row={row}
            busy={busy}
            onReload={() => void reload([row.name])}
            onDisable={() => setDisabling(row)}
            onEnable={() => void run(row.name, () => call('management.enable_plugin', [row.name]))}
          />
        ))}
      </section>
      {disabling !== null && (
        <Confirm
          title={`Disable ${disabling.name}?`}
          action="Disable the plugin"
          cancel="Leave it on"
          onConfirm={async () => {
            await call('management.disable_plugin', [disabling.name]);
            plugins.reload();
          }}
          onClose={() => setDisabling(null)}
        >
          <p>
            It is taken away with whatever depends on it, also over restarts, until it is enabled
            again.
          </p>
          {dependants(all, disabling.name).length > 0 && (
            <p>
              These depend on it:{' '}
              <span class="mono">{dependants(all, disabling.name).join(', ')}</span>
            </p>
          )}
        </Confirm>
      )}
    </>
  );
}

function dependants(all: readonly Plugin[], name: string): string[] {
  return all.filter(({ depends }) => depends.includes(name)).map((row) => row.name);
}

/** One that works on older code than its files have wants attention, too. */
const isBehind = ({ state, error }: Plugin): boolean => state === 'loaded' && error !== undefined;
const rankOf = (row: Plugin): number => (isBehind(row) ? 0.5 : ORDER[row.state]);

interface RowProps {
  readonly row: Plugin;
  readonly busy: string | null;
  readonly onReload: () => void;
  readonly onDisable: () => void;
  readonly onEnable: () => void;
}

function PluginRow({ row, busy, onReload, onDisable, onEnable }: RowProps) {
  const { version } = row.metadata as { version?: unknown };
  const hasMore = Object.keys(row.metadata).length > 0;
  return (
    <article class="plugin" aria-label={row.name}>
      <div class="row wrap">
        <h2 class="mono">{row.name}</h2>
        {typeof version === 'string' && <span class="muted">{version}</span>}
        <span class={`tag ${isBehind(row) ? 'warn' : TONE[row.state]}`}>{row.state}</span>
        <span class="row end">
          {row.state === 'disabled' ? (
            <ActButton
              method="management.enable_plugin"
              size="small"
              label={`Enable ${row.name}`}
              isBusy={busy !== null}
              onClick={onEnable}
            >
              Enable
            </ActButton>
          ) : (
            <>
              <ActButton
                method="management.disable_plugin"
                size="small"
                tone="quiet"
                label={`Disable ${row.name}`}
                isBusy={busy !== null}
                onClick={onDisable}
              >
                Disable…
              </ActButton>
              <ActButton
                method="management.reload_plugins"
                size="small"
                tone="quiet"
                label={`Reload ${row.name}`}
                isBusy={busy !== null}
                onClick={onReload}
              >
                <Icon name="reload" size={14} /> {busy === row.name ? 'Reloading…' : 'Reload'}
              </ActButton>
            </>
          )}
        </span>
      </div>
      <p class="mono small muted">{row.directory}</p>
      {isBehind(row) ? (
        <dl class="definition small">
          <dt>Runs</dt>
          <dd>the code of before</dd>
          <dt>On the disk</dt>
          <dd>
            <span class="tag bad">{row.stage ?? 'failed'}</span> {row.error}
          </dd>
        </dl>
      ) : (
        row.error !== undefined && (
          <p class="small">
            {row.stage !== undefined && <span class="tag bad">{row.stage}</span>} {row.error}
          </p>
        )
      )}
      {(row.settings ?? []).map((problem) => (
        <p key={problem} class="notice warn small">
          {problem}
        </p>
      ))}
      {row.depends.length > 0 && (
        <p class="small">
          <span class="muted">needs</span> <span class="mono">{row.depends.join(', ')}</span>
        </p>
      )}
      {hasMore && (
        <details>
          <summary class="small muted">What it says of itself</summary>
          <JsonTree value={row.metadata} open={3} />
        </details>
      )}
    </article>
  );
}
