import { call } from '../../connection/session.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Download, saveFile } from '../../parts/download.js';
import { Failure } from '../../parts/states.js';
import { useAction } from '../../parts/use-action.js';
import { fetchDocument } from '../../state/metrics.js';

const DOCUMENTS = [
  {
    path: '/openrpc.json',
    title: 'OpenRPC',
    about:
      'Every method with its arguments, results and errors: for generators of clients and documentation, and for editors.',
  },
  {
    path: '/asyncapi.json',
    title: 'AsyncAPI',
    about:
      'Every event type with its schema, the progress of tasks included: what can be subscribed to.',
  },
  {
    path: '/schema.json',
    title: 'JSON Schema',
    about: 'All definitions in one bundle, as methods, tasks and events refer to them.',
  },
] as const;

const ADDRESSES = [
  { path: '/metrics', about: 'figures for Prometheus' },
  { path: '/healthz', about: 'whether the server is well, and why not' },
  { path: '/readyz', about: 'whether it takes clients' },
] as const;

/** What tools read, to take along. */
export function Documents() {
  return (
    <>
      <div class="pair">
        {DOCUMENTS.map(({ path, title, about }) => (
          <section key={path} class="panel" aria-labelledby={`doc-${title}`}>
            <div class="body stack tight">
              <h2 id={`doc-${title}`}>{title}</h2>
              <p class="muted">{about}</p>
              <p class="mono small">{path}</p>
              <div class="row wrap">
                <Download
                  name={path.slice(1)}
                  label={`Download ${path.slice(1)}`}
                  text={async () => (await fetchDocument(path)).text()}
                />
                <CopyButton label="Copy address" text={() => `${location.origin}${path}`} />
              </div>
            </div>
          </section>
        ))}
        <Types />
      </div>
      <section class="panel" aria-labelledby="addresses">
        <header>
          <h2 id="addresses">Addresses for machines</h2>
        </header>
        <div class="body">
          <dl class="definition">
            {ADDRESSES.map(({ path, about }) => (
              <>
                <dt class="mono">{path}</dt>
                <dd>{about}</dd>
              </>
            ))}
            <dt class="mono">/socket</dt>
            <dd>the protocol itself, as this page speaks it</dd>
          </dl>
          <p class="muted small">
            Documents and figures are open on the server’s own machine; from elsewhere they want the
            token of a login as Bearer.
          </p>
        </div>
      </section>
    </>
  );
}

/** The same file that `dispatcherctl codegen` writes, made here. */
function Types() {
  const { busy, error, run } = useAction();
  const save = async (): Promise<void> => {
    const { describeApi, generateClient } = await import('../../../src/codegen/index.js');
    const api = await describeApi(<Answer,>(method: string, args: readonly unknown[] = []) =>
      call<Answer>(method, args),
    );
    saveFile('dispatcher-api.ts', [generateClient(api)]);
  };
  return (
    <section class="panel" aria-labelledby="doc-types">
      <div class="body stack tight">
        <h2 id="doc-types">TypeScript</h2>
        <p class="muted">
          Types of all methods, tasks and events for the client library, as{' '}
          <code>dispatcherctl codegen</code> writes them.
        </p>
        <p class="mono small">dispatcher-api.ts</p>
        {error !== null && <Failure error={error} />}
        <div class="row">
          <button
            type="button"
            class="button small"
            disabled={busy !== null}
            onClick={() => void run('types', save)}
          >
            Download dispatcher-api.ts
          </button>
        </div>
      </div>
    </section>
  );
}
