import { useEffect, useMemo, useState } from 'preact/hooks';
import { call, type CallError, subscribe } from '../connection/session.js';
import { ActButton } from '../parts/act-button.js';
import { Gated } from '../parts/gated.js';
import { matchWords } from '../parts/match.js';
import { useLoaded } from '../parts/resource.js';
import { SearchBox } from '../parts/search-box.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { useAction } from '../parts/use-action.js';
import { serverProblems } from '../form/problem-lists.js';
import { toMap } from '../form/use-checked.js';
import { type JsonObject, type Problem, read } from '../forms/index.js';
import { may, rights } from '../state/rights.js';
import { SettingField, type SettingRow } from './settings/setting-field.js';
import { isOther, nodeOf, useDrafts } from './settings/use-drafts.js';

/** What people change while the system runs. */
export function Settings() {
  return (
    <div class="page">
      <div class="content">
        <Gated method="settings.describe" what="The list of settings">
          <SettingsForm />
        </Gated>
      </div>
    </div>
  );
}

function SettingsForm() {
  const [words, setWords] = useState('');
  const loaded = useLoaded(async (stop) => {
    const [rows, values] = await Promise.all([
      call<SettingRow[]>('settings.describe', [], stop),
      call<JsonObject>('settings.get', [], stop),
    ]);
    return { rows, values };
  }, []);
  useEffect(() => subscribe(['settings.changed', 'server.plugin.*'], () => loaded.reload()), []);
  const drafts = useDrafts();
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const { busy, error, run } = useAction(() => {
    setRefused([]);
    loaded.reload();
  });
  const { rows, values } = loaded.value ?? { rows: [], values: {} };
  const shown = useMemo(() => rows.filter((row) => matches(row, words)), [rows, words]);
  const changed = rows.filter((row) => {
    const draft = drafts.nodes.get(row.key);
    return draft !== undefined && isOther(row, draft, values);
  });
  const problems = new Map(
    [...drafts.nodes].map(([key, node]) => [
      key,
      [...read(node).problems, ...refused.filter(({ path }) => path[0] === key).map(behindKey)],
    ]),
  );
  const save = (): Promise<void> =>
    run('save', async () => {
      setRefused([]);
      const next = changed.map(({ key }) => [key, valueOf(drafts.nodes.get(key))] as const);
      try {
        await call('settings.set', [Object.fromEntries(next)]);
      } catch (failure) {
        setRefused(serverProblems(failure as CallError, []));
        throw failure;
      }
      drafts.forget(next.map(([key]) => key));
    });
  const reset = (key: string): Promise<void> =>
    run(key, async () => {
      await call('settings.reset', [[key]]);
      drafts.forget([key]);
    });
  return (
    <>
      <PageHead title="Settings" lead={loaded.value === null ? '' : String(rows.length)}>
        {changed.length > 0 && (
          <button
            type="button"
            class="button quiet"
            onClick={() => drafts.forget(changed.map(({ key }) => key))}
          >
            Undo all
          </button>
        )}
        <ActButton
          method="settings.set"
          tone="primary"
          isBusy={busy !== null || changed.length === 0}
          onClick={() => void save()}
        >
          {changed.length === 0 ? 'Save' : `Save ${changed.length}`}
        </ActButton>
      </PageHead>
      <div class="toolbar">
        <SearchBox
          label="Filter settings"
          placeholder="Key or words"
          value={words}
          onChange={setWords}
        />
        <span class="muted small" role="status">
          {words !== '' && `${shown.length} of ${rows.length}`}
        </span>
      </div>
      {error !== null && <Failure error={error} />}
      {loaded.error !== null && <Failure error={loaded.error} onRetry={loaded.reload} />}
      {loaded.value === null && loaded.error === null && <Bones />}
      {loaded.value !== null && rows.length === 0 && (
        <Empty>
          <p>
            No plugin declares a setting. A class with @settings makes some, and they appear here.
          </p>
        </Empty>
      )}
      {rows.length > 0 && shown.length === 0 && (
        <Empty>
          <p>Nothing matches “{words}”.</p>
          <button type="button" class="button" onClick={() => setWords('')}>
            Clear the filter
          </button>
        </Empty>
      )}
      {groupsOf(shown).map(([prefix, group]) => (
        <section key={prefix} class="panel" aria-label={prefix}>
          <header>
            <h2 class="mono">{prefix}</h2>
            <span class="muted small">{group[0]?.group ?? ''}</span>
            <span class="muted small end">{group[0]?.plugin}</span>
          </header>
          {group.map((row) => (
            <SettingField
              key={row.key}
              row={row}
              node={drafts.nodes.get(row.key) ?? nodeOf(row, values)}
              isChanged={changed.includes(row)}
              problems={toMap(problems.get(row.key) ?? [])}
              mayChange={may('settings.set') && hasRole(row.changed_by)}
              onChange={(node) => drafts.set(row.key, node)}
              onUndo={() => drafts.forget([row.key])}
              onReset={() => void reset(row.key)}
            />
          ))}
        </section>
      ))}
    </>
  );
}

const behindKey = ({ path, message }: Problem): Problem => ({ path: path.slice(1), message });

function valueOf(node: Parameters<typeof read>[0] | undefined) {
  return node === undefined ? null : (read(node).value ?? null);
}

function hasRole(role: string): boolean {
  const own = rights.value?.roles;
  return own === undefined || own.includes('admin') || own.includes(role);
}

function matches({ key, description, group }: SettingRow, words: string): boolean {
  return words.trim() === '' || matchWords(`${key} ${description ?? ''} ${group ?? ''}`, words);
}

/** Settings with the same prefix stand together. */
function groupsOf(rows: readonly SettingRow[]): [string, SettingRow[]][] {
  const groups = new Map<string, SettingRow[]>();
  for (const row of rows) {
    const prefix = row.key.slice(0, row.key.lastIndexOf('.'));
    groups.set(prefix, [...(groups.get(prefix) ?? []), row]);
  }
  return [...groups];
}
