import { useEffect } from 'preact/hooks';
import { call, subscribe } from '../../connection/session.js';
import { Moment, useNow } from '../../parts/moment.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Empty, Failure } from '../../parts/states.js';
import { linkTo } from '../../state/router.js';
import { type FileReport, type GenerationReport, OUTCOME_TONES } from './file-rows.js';

interface ReportProps {
  readonly title: string;
  readonly report: GenerationReport;
  readonly onClose: () => void;
}

/** What a generation did, or would do, file by file, with the differences. */
export function Report({ title, report, onClose }: ReportProps) {
  const touched = report.files.filter(({ outcome }) => outcome !== 'unchanged');
  return (
    <section class="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span class="muted small">
          {touched.length} of {report.files.length} files
        </span>
        <button type="button" class="button quiet small end" onClick={onClose}>
          Close
        </button>
      </header>
      {touched.length === 0 && <p class="body muted">Every file is as it should be.</p>}
      {touched.map((file) => (
        <Change key={file.name} file={file} />
      ))}
      {report.actions.length > 0 && (
        <div class="body stack tight">
          <h3>Then</h3>
          {report.actions.map(({ action, outcome }, index) => (
            <p key={index} class="mono small">
              {JSON.stringify(action)} <span class="muted">{outcome}</span>
            </p>
          ))}
        </div>
      )}
    </section>
  );
}

function Change({ file }: { readonly file: FileReport }) {
  return (
    <div class="plugin">
      <div class="row wrap">
        <a class="mono" href={linkTo('files', file.name)}>
          {file.name}
        </a>
        <span class={`tag ${OUTCOME_TONES[file.outcome] ?? ''}`}>{file.outcome}</span>
        <span class="muted small">{file.changes.join(', ')}</span>
      </div>
      {file.error !== undefined && (
        <p class="notice bad small">
          {file.error.stage}: {file.error.message}
        </p>
      )}
      {file.diff !== undefined && file.diff !== '' && <Diff text={file.diff} />}
    </div>
  );
}

const MAX_LINES = 400;

/** A unified difference; a sign stands at each line, so that its colour says nothing alone. */
function Diff({ text }: { readonly text: string }) {
  const lines = text.trimEnd().split('\n');
  return (
    <pre class="well diff small">
      {lines.slice(0, MAX_LINES).map((line, index) => (
        <div key={index} class={classOf(line)}>
          {line === '' ? ' ' : line}
        </div>
      ))}
      {lines.length > MAX_LINES && <div class="muted">{lines.length - MAX_LINES} more lines</div>}
    </pre>
  );
}

function classOf(line: string): string {
  if (/^(?:---|\+\+\+|@@) /.test(line)) return 'muted';
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '';
}

const SHOWN = 20;

/** The latest generations. */
export function Generations() {
  const reports = useLoaded(
    (stop) =>
      call<GenerationReport[]>(
        'etcd.generation.query',
        [null, { sort: ['-started_at'], limit: SHOWN }],
        stop,
      ),
    [],
  );
  useEffect(() => subscribe(['etcd.generation_finished'], () => reports.reload()), []);
  const now = useNow();
  return (
    <section class="panel" aria-label="Generations">
      <header>
        <h2>Generations</h2>
      </header>
      {reports.error !== null && <Failure error={reports.error} onRetry={reports.reload} />}
      {reports.value === null && reports.error === null && <Bones lines={3} />}
      {reports.value?.length === 0 && (
        <Empty>
          <p>Nothing was generated since etcd was started.</p>
        </Empty>
      )}
      {(reports.value?.length ?? 0) > 0 && (
        <table class="table">
          <tbody>
            {reports.value?.map(({ id, reason, started_at: startedAt, files }) => (
              <tr key={id}>
                <td>
                  <Moment value={startedAt} now={now} />
                </td>
                <td>{reason}</td>
                <td>
                  {Object.entries(countsOf(files)).map(([outcome, count]) => (
                    <span key={outcome} class={`tag ${OUTCOME_TONES[outcome] ?? ''}`}>
                      {count} {outcome.replace('_', ' ')}
                    </span>
                  ))}
                </td>
                <td class="mono small muted hide-narrow">{id}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function countsOf(files: readonly FileReport[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of files) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
