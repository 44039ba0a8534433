import { useEffect, useState } from 'preact/hooks';
import { call, subscribe } from '../connection/session.js';
import { ActButton } from '../parts/act-button.js';
import { Confirm } from '../parts/confirm.js';
import { Gated } from '../parts/gated.js';
import { matchWords } from '../parts/match.js';
import { Moment, useNow } from '../parts/moment.js';
import { useLoaded } from '../parts/resource.js';
import { SearchBox } from '../parts/search-box.js';
import { Segments } from '../parts/segments.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { useAction } from '../parts/use-action.js';
import { go, linkTo, route } from '../state/router.js';
import { type FileRow, type GenerationReport, STATE_TONES } from './files/file-rows.js';
import { FilePage } from './files/file-page.js';
import { Generations, Report } from './files/reports.js';

/** Files of the system that etcd makes from settings and rows: how they are, and what would change. */
export function Files() {
  const { item } = route.value;
  return (
    <div class="page">
      <div class="content">
        <Gated method="etcd.file.query" what="The list of files" missing={<NoEtcd />}>
          {item === '' ? <FileList /> : <FilePage key={item} name={item} />}
        </Gated>
      </div>
    </div>
  );
}

function NoEtcd() {
  return (
    <>
      <h1>Files</h1>
      <p>
        etcd is not connected. It writes files of the system from templates, keeps every content
        that they had, and tells when somebody else has changed one.
      </p>
      <p>
        Start it beside this server with <code>dispatcher-etcd</code>; its files appear here as soon
        as it is there.
      </p>
    </>
  );
}

const STATES = [
  { id: 'all', label: 'All' },
  { id: 'drifted', label: 'Drifted' },
  { id: 'failed', label: 'Failed' },
] as const;

function FileList() {
  const files = useLoaded(
    (stop) => call<FileRow[]>('etcd.file.query', [null, { sort: ['name'] }], stop),
    [],
  );
  useEffect(() => subscribe(['etcd.*'], () => files.reload()), []);
  const [words, setWords] = useState('');
  const [state, setState] = useState<(typeof STATES)[number]['id']>('all');
  const [report, setReport] = useState<GenerationReport | null>(null);
  const [isAsked, setAsked] = useState(false);
  const { busy, error, run } = useAction(files.reload);
  const all = files.value ?? [];
  const rows = all.filter(
    (row) =>
      (state === 'all' || row.state === state) &&
      matchWords(`${row.name} ${row.path ?? ''}`, words),
  );
  const drifted = all.filter((row) => row.state === 'drifted').length;
  return (
    <>
      <PageHead
        title="Files"
        lead={
          files.value === null ? '' : `${all.length}${drifted > 0 ? `, ${drifted} drifted` : ''}`
        }
      >
        <ActButton
          method="etcd.generation.verify"
          isBusy={busy !== null}
          onClick={() => void run('verify', () => call('etcd.generation.verify'))}
        >
          {busy === 'verify' ? 'Comparing…' : 'Compare with the disk'}
        </ActButton>
        <ActButton
          method="etcd.management.rescan_plugins"
          isBusy={busy !== null}
          onClick={() => void run('rescan', () => call('etcd.management.rescan_plugins'))}
        >
          {busy === 'rescan' ? 'Reading…' : 'Read templates again'}
        </ActButton>
        <ActButton
          method="etcd.generation.plan"
          isBusy={busy !== null}
          onClick={() =>
            void run('plan', async () =>
              setReport(await call<GenerationReport>('etcd.generation.plan')),
            )
          }
        >
          {busy === 'plan' ? 'Planning…' : 'Plan'}
        </ActButton>
        <ActButton
          method="etcd.generation.generate_all"
          tone="primary"
          isBusy={busy !== null}
          onClick={() => setAsked(true)}
        >
          Generate all…
        </ActButton>
      </PageHead>
      {error !== null && <Failure error={error} />}
      {files.error !== null && <Failure error={files.error} onRetry={files.reload} />}
      {report !== null && (
        <Report title="What would change" report={report} onClose={() => setReport(null)} />
      )}
      <div class="toolbar">
        <Segments label="Which files" options={STATES} value={state} onChange={setState} />
        <SearchBox
          label="Filter files"
          placeholder="Name or path"
          value={words}
          onChange={setWords}
        />
      </div>
      <section class="panel" aria-label="Files">
        {files.value === null && files.error === null && <Bones />}
        {files.value !== null && rows.length === 0 && (
          <Empty>
            <p>{all.length === 0 ? 'No file is managed.' : 'Nothing matches.'}</p>
          </Empty>
        )}
        {rows.length > 0 && <FileTable rows={rows} />}
      </section>
      <Generations />
      {isAsked && (
        <Confirm
          title="Generate all files?"
          action="Generate"
          cancel="Leave them"
          onConfirm={async () => {
            setReport(await call<GenerationReport>('etcd.generation.generate_all'));
            files.reload();
          }}
          onClose={() => setAsked(false)}
        >
          <p>
            {all.length} files are rendered and put in place; programs that use them are reloaded.
            “Plan” shows the differences first.
          </p>
        </Confirm>
      )}
    </>
  );
}

function FileTable({ rows }: { readonly rows: readonly FileRow[] }) {
  const now = useNow();
  return (
    <table class="table links">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">State</th>
          <th scope="col" class="hide-narrow">
            Path
          </th>
          <th scope="col" class="hide-narrow">
            Changed
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} onClick={() => go('files', row.name)}>
            <td class="mono">
              <a href={linkTo('files', row.name)}>{row.name}</a>
            </td>
            <td>
              <span class={`tag ${STATE_TONES[row.state]}`}>{row.state}</span>
              {row.drift !== null && <div class="small">{row.drift}</div>}
              {row.error !== null && (
                <div class="small">
                  {row.error.stage}: {row.error.message}
                </div>
              )}
            </td>
            <td class="mono small hide-narrow">{row.path}</td>
            <td class="hide-narrow">
              <Moment value={row.changed_at} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
