import { useMemo, useState } from 'preact/hooks';
import type { Json } from '../../forms/index.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Download } from '../../parts/download.js';
import { JsonTree } from '../../parts/json-tree.js';
import { Empty, Failure } from '../../parts/states.js';
import { durationOf, sizeOf } from '../../parts/time.js';
import type { CallState } from '../../state/calls.js';
import type { Method } from '../../state/registry.js';

/** More text than anybody reads in a page; the whole is a download away. */
const MAX_TEXT = 100_000;

export function AnswerPanel({
  method,
  state,
}: {
  readonly method: Method;
  readonly state: CallState | undefined;
}) {
  const [view, setView] = useState<'tree' | 'json'>('tree');
  const value: Json | undefined = state?.items ?? state?.value;
  const isFinal = state !== undefined && state.phase !== 'running';
  const text = useMemo(
    () =>
      value === undefined || (state?.phase === 'running' && view === 'tree')
        ? ''
        : JSON.stringify(value, null, 2),
    [value, view, isFinal],
  );
  return (
    <section class="panel answer" aria-label="Answer">
      <header>
        <h2>Answer</h2>
        {state !== undefined && <Status state={state} size={text.length} />}
        {value !== undefined && (
          <div class="row end">
            <div class="segments small" role="group" aria-label="View of the answer">
              <button type="button" aria-pressed={view === 'tree'} onClick={() => setView('tree')}>
                Tree
              </button>
              <button type="button" aria-pressed={view === 'json'} onClick={() => setView('json')}>
                JSON
              </button>
            </div>
            <CopyButton label="Copy" text={() => text} />
          </div>
        )}
      </header>
      <div class="body stack">
        {state === undefined && (
          <Empty>
            <p>Call the method to see what it answers.</p>
          </Empty>
        )}
        {state?.error && <Failure error={state.error} />}
        {state?.error?.extra !== undefined && (
          <JsonTree value={state.error.extra as Json} open={3} />
        )}
        {state !== undefined && state.dropped > 0 && (
          <p class="muted small">{state.dropped} earlier items are no longer kept.</p>
        )}
        {state?.phase === 'running' && value === undefined && (
          <p class="muted">Waiting for the answer…</p>
        )}
        {value !== undefined && view === 'tree' && <JsonTree value={value} />}
        {value !== undefined && view === 'json' && (
          <pre class="well">{text.slice(0, MAX_TEXT)}</pre>
        )}
        {text.length > MAX_TEXT && (
          <div class="row">
            <span class="muted small">
              {view === 'json' ? `The first ${MAX_TEXT / 1_000} thousand characters.` : ''}
            </span>
            <Download name={`${method.path}.json`} text={() => text} />
          </div>
        )}
      </div>
    </section>
  );
}

function Status({ state, size }: { readonly state: CallState; readonly size: number }) {
  const tone = { running: 'busy', done: 'good', failed: 'bad', stopped: 'warn' }[state.phase];
  const count = state.items === null ? '' : ` · ${state.items.length + state.dropped} items`;
  return (
    <span class="row" role="status">
      <span class={`tag ${tone}`}>{state.phase}</span>
      <span class="muted small">
        {durationOf(state.ms / 1_000)}
        {size > 0 && ` · ${sizeOf(size)}`}
        {count}
      </span>
    </span>
  );
}
