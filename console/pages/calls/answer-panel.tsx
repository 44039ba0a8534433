import { useMemo, useState } from 'preact/hooks';
import { isList, isObject, type Json, type JsonObject } from '../../forms/index.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Download } from '../../parts/download.js';
import { JsonTree } from '../../parts/json-tree.js';
import { RowTable } from '../../parts/row-table.js';
import { SearchBox } from '../../parts/search-box.js';
import { Segments } from '../../parts/segments.js';
import { Empty, Failure } from '../../parts/states.js';
import { durationOf, sizeOf } from '../../parts/time.js';
import type { CallState } from '../../state/calls.js';
import type { Method } from '../../state/registry.js';
import { thatSay } from './answer-search.js';

/** More text than anybody reads in a page; the whole is a download away. */
const MAX_TEXT = 100_000;
const MAX_ROWS = 500;
/** From so much on there is something to search in. */
const MIN_SEARCHED = 400;

const VIEWS = [
  { id: 'tree', label: 'Tree' },
  { id: 'json', label: 'JSON' },
] as const;
const TABLE = { id: 'table', label: 'Table' } as const;
type View = (typeof VIEWS)[number]['id'] | 'table';

interface AnswerPanelProps {
  readonly method: Method;
  readonly state: CallState | undefined;
}

export function AnswerPanel({ method, state }: AnswerPanelProps) {
  const [chosen, setView] = useState<View>('tree');
  const [words, setWords] = useState('');
  const value: Json | undefined = state?.items ?? state?.value;
  const isFinal = state !== undefined && state.phase !== 'running';
  const rows = rowsOf(value);
  const view = chosen === 'table' && rows === null ? 'tree' : chosen;
  const text = useMemo(
    () =>
      value === undefined || (state?.phase === 'running' && view !== 'json')
        ? ''
        : JSON.stringify(value, null, 2),
    [value, view, isFinal],
  );
  const found = useMemo(
    () => (value === undefined || words.trim() === '' ? value : thatSay(value, words)),
    [value, words],
  );
  return (
    <section class="panel answer" aria-label="Answer">
      <header>
        <h2>Answer</h2>
        {state !== undefined && <Status state={state} size={text.length} />}
        {value !== undefined && (
          <div class="row end wrap">
            <Segments
              label="View of the answer"
              size="small"
              options={rows === null ? VIEWS : [...VIEWS, TABLE]}
              value={view}
              onChange={setView}
            />
            <CopyButton label="Copy" text={() => text} />
            {text !== '' && (
              <Download name={`${method.path}.json`} label="Save" text={() => text} />
            )}
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
        {value !== undefined && (text.length > MIN_SEARCHED || words !== '') && view !== 'json' && (
          <SearchBox
            label="Search in the answer"
            placeholder="Words in the answer"
            value={words}
            onChange={setWords}
          />
        )}
        {value !== undefined && found === undefined && (
          <p class="muted">Nothing in the answer says “{words}”.</p>
        )}
        {found !== undefined && view === 'tree' && (
          <JsonTree key={words} value={found} open={words === '' ? 2 : 6} />
        )}
        {found !== undefined && view === 'table' && (
          <>
            <RowTable rows={(rowsOf(found) ?? []).slice(0, MAX_ROWS)} />
            {(rowsOf(found)?.length ?? 0) > MAX_ROWS && (
              <p class="muted small">The first {MAX_ROWS} rows.</p>
            )}
          </>
        )}
        {value !== undefined && view === 'json' && (
          <pre class="well">{text.slice(0, MAX_TEXT)}</pre>
        )}
        {text.length > MAX_TEXT && view === 'json' && (
          <p class="muted small">
            The first {MAX_TEXT / 1_000} thousand characters; “Save” has all of them.
          </p>
        )}
      </div>
    </section>
  );
}

/** A list of objects, which a table says better. */
function rowsOf(value: Json | undefined): readonly JsonObject[] | null {
  if (!isList(value) || value.length === 0) return null;
  return value.every(isObject) ? value : null;
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
