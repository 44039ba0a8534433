import { useEffect, useState } from 'preact/hooks';
import { call, subscribe } from '../../connection/session.js';
import { type Json, type JsonObject, wordOf } from '../../forms/index.js';
import { ActButton } from '../../parts/act-button.js';
import { Confirm } from '../../parts/confirm.js';
import { NeedsRole } from '../../parts/gated.js';
import { JsonTree } from '../../parts/json-tree.js';
import { Moment, useNow } from '../../parts/moment.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Empty, Failure } from '../../parts/states.js';
import { sizeOf } from '../../parts/time.js';
import { useAction } from '../../parts/use-action.js';
import { may } from '../../state/rights.js';
import { linkTo } from '../../state/router.js';
import { type FileRow, type GenerationReport, type Revision, STATE_TONES } from './file-rows.js';
import { Report } from './reports.js';

/** One file: what it is made of, whether the disk has it so, and the contents that it had. */
export function FilePage({ name }: { readonly name: string }) {
  const file = useLoaded(
    (stop) => call<FileRow & JsonObject>('etcd.generation.explain', [name], stop),
    [name],
  );
  useEffect(() => subscribe(['etcd.*'], () => file.reload()), []);
  const [plan, setPlan] = useState<GenerationReport | null>(null);
  const { busy, error, run } = useAction(file.reload);
  const row = file.value;
  const doing = (what: string, method: string): void => {
    setPlan(null); // it told of what was before
    void run(what, () => call(method, [name]));
  };
  return (
    <>
      <header class="stack tight">
        <p class="small">
          <a href={linkTo('files')}>Files</a>
        </p>
        <div class="row wrap">
          <h1 class="mono">{name}</h1>
          {row !== null && <span class={`tag ${STATE_TONES[row.state]}`}>{row.state}</span>}
          {row?.sensitive === true && <span class="tag warn">holds secrets</span>}
          <span class="row end wrap">
            {row?.state === 'drifted' && (
              <>
                <ActButton
                  method="etcd.generation.accept"
                  isBusy={busy !== null}
                  onClick={() => doing('accept', 'etcd.generation.accept')}
                >
                  Take the disk’s
                </ActButton>
                <ActButton
                  method="etcd.generation.restore"
                  isBusy={busy !== null}
                  onClick={() => doing('restore', 'etcd.generation.restore')}
                >
                  Write it again
                </ActButton>
              </>
            )}
            <ActButton
              method="etcd.generation.plan"
              isBusy={busy !== null}
              onClick={() =>
                void run('plan', async () =>
                  setPlan(
                    await call<GenerationReport>('etcd.generation.plan', [{ names: [name] }]),
                  ),
                )
              }
            >
              Plan
            </ActButton>
            <ActButton
              method="etcd.generation.generate_file"
              tone="primary"
              isBusy={busy !== null}
              onClick={() => doing('generate', 'etcd.generation.generate_file')}
            >
              Generate
            </ActButton>
          </span>
        </div>
      </header>
      {error !== null && <Failure error={error} />}
      {file.error !== null && <Failure error={file.error} onRetry={file.reload} />}
      {row === null && file.error === null && <Bones />}
      {plan !== null && (
        <Report title="What would change" report={plan} onClose={() => setPlan(null)} />
      )}
      {row !== null && <Facts row={row} />}
      {row !== null && <Revisions name={name} onRolledBack={file.reload} />}
    </>
  );
}

function Facts({ row }: { readonly row: FileRow & JsonObject }) {
  const now = useNow();
  return (
    <section class="panel" aria-label="Facts">
      <div class="body stack">
        {row.error !== null && (
          <div class="notice bad">
            {row.error.stage}: {row.error.message}
          </div>
        )}
        {row.drift !== null && (
          <div class="notice warn">The disk has something else: {row.drift}</div>
        )}
        <dl class="definition">
          <dt>Path</dt>
          <dd class="mono">{row.path}</dd>
          <dt>Mode</dt>
          <dd class="mono">
            {row.mode} {String(row.owner ?? '')} {String(row.group ?? '')}
          </dd>
          <dt>Changed</dt>
          <dd>
            <Moment value={row.changed_at} now={now} />
          </dd>
          <dt>Generated</dt>
          <dd>
            <Moment value={row.generated_at} now={now} />{' '}
            <span class="muted">{wordOf(row['reason'] ?? '')}</span>
          </dd>
          <dt>Made by</dt>
          <dd class="mono">{row.plugin}</dd>
          <dt>Made of</dt>
          <dd>
            {row.dependencies.length === 0 ? (
              <span class="muted">its template alone</span>
            ) : (
              <JsonTree value={row.dependencies} open={2} />
            )}
          </dd>
        </dl>
      </div>
    </section>
  );
}

interface RevisionsProps {
  readonly name: string;
  readonly onRolledBack: () => void;
}

function Revisions({ name, onRolledBack }: RevisionsProps) {
  const isOpen = may('etcd.generation.history');
  const revisions = useLoaded(
    (stop) =>
      isOpen ? call<Revision[]>('etcd.generation.history', [name], stop) : Promise.resolve([]),
    [name, isOpen],
  );
  // the content that a generation replaces is one more of them
  useEffect(() => subscribe(['etcd.file_*'], () => revisions.reload()), []);
  const [shown, setShown] = useState<{ n: number; text: string } | null>(null);
  const [asked, setAsked] = useState<Revision | null>(null);
  const { busy, error, run } = useAction();
  const now = useNow();
  const show = (n: number): Promise<void> =>
    run('show', async () => {
      const content = await call<JsonObject>('etcd.generation.get_revision', [name, n]);
      setShown({ n, text: textOfBinary(content['$binary']) });
    });
  return (
    <section class="panel" aria-label="Contents that it had">
      <header>
        <h2>Contents that it had</h2>
        <NeedsRole method="etcd.generation.history" />
      </header>
      {error !== null && <Failure error={error} />}
      {revisions.error !== null && <Failure error={revisions.error} onRetry={revisions.reload} />}
      {isOpen && revisions.value?.length === 0 && (
        <Empty>
          <p>None is kept: it was not replaced yet.</p>
        </Empty>
      )}
      {(revisions.value?.length ?? 0) > 0 && (
        <table class="table">
          <tbody>
            {revisions.value?.map((revision) => (
              <tr key={revision.n}>
                <td class="mono">{revision.n}</td>
                <td>
                  <Moment value={revision.saved_at} now={now} />
                </td>
                <td class="hide-narrow">{revision.origin}</td>
                <td class="number hide-narrow">{sizeOf(revision.size)}</td>
                <td class="actions">
                  <ActButton
                    method="etcd.generation.get_revision"
                    size="small"
                    tone="quiet"
                    label={`Show content ${revision.n}`}
                    isBusy={busy !== null}
                    onClick={() => void show(revision.n)}
                  >
                    Show
                  </ActButton>
                  <ActButton
                    method="etcd.generation.rollback"
                    size="small"
                    tone="quiet"
                    label={`Roll back to ${revision.n}`}
                    onClick={() => setAsked(revision)}
                  >
                    Roll back…
                  </ActButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown !== null && (
        <div class="body">
          <h3>Content {shown.n}</h3>
          <pre class="well small">{shown.text}</pre>
        </div>
      )}
      {asked !== null && (
        <Confirm
          title={`Put content ${asked.n} of ${name} back?`}
          action="Roll back"
          cancel="Leave it"
          onConfirm={async () => {
            await call('etcd.generation.rollback', [name, asked.n]);
            revisions.reload();
            onRolledBack();
          }}
          onClose={() => setAsked(null)}
        >
          <p>
            It is checked and put in place, and its actions run. The next generation makes the file
            anew.
          </p>
        </Confirm>
      )}
    </section>
  );
}

function textOfBinary(base64: Json | undefined): string {
  const bytes = Uint8Array.from(atob(typeof base64 === 'string' ? base64 : ''), (char) =>
    char.charCodeAt(0),
  );
  return new TextDecoder().decode(bytes);
}
